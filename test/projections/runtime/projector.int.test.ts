import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnknownEvent } from '../../../src/domain/log/codec.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import type { EventStore, Follow } from '../../../src/domain/log/event-store.js';
import type { Projection } from '../../../src/projections/projection.js';
import { readModels } from '../../../src/projections/read-models.js';
import { CheckpointRefused } from '../../../src/projections/runtime/checkpoint-check.js';
import type { ReadModelDatabase } from '../../../src/projections/runtime/ports.js';
import { sqlOf } from '../../../src/projections/sql.js';
import { stockBySku } from '../../../src/projections/stock/stock-queries.js';
import { eventually } from '../../support/condition.js';
import { withFaults } from '../../support/event-store.js';
import { idFor, logId, orderNamed, received } from '../story.js';
import { type Surroundings, surroundings } from '../surroundings.js';

let around: Surroundings;
beforeEach(async () => {
  around = await surroundings();
});
afterEach(() => around.close());

const one = orderNamed({ name: 'one' });
const two = orderNamed({ name: 'two' });
const everything = [
  received('22465', 100),
  ...one.confirmed,
  ...two.created,
  ...two.requested,
  ...two.declined,
  ...one.shipped,
  ...one.delivered,
];

const onHand = async (sku = '22465') => (await stockBySku(sqlOf(around.database, logId), sku))?.onHand;
const expireLease = () => around.database.query("UPDATE checkpoints SET lease_until = clock_timestamp() - interval '1 ms'");
const positions = async () =>
  (await around.database.query<{ position: bigint | null }>('SELECT position FROM checkpoints ORDER BY name')).rows.map(
    ({ position }) => position,
  );

/** A door that a transaction has to pass before it begins. */
function gated(database: ReadModelDatabase) {
  let open = () => {};
  let arrived = () => {};
  let shut: Promise<void> | null = null;
  const waiting = new Promise<void>((resolve) => (arrived = resolve));
  return {
    database: {
      query: database.query,
      transaction: async (work) => {
        if (shut !== null) {
          arrived();
          await shut;
        }
        return database.transaction(work);
      },
    } satisfies ReadModelDatabase,
    shut: () => (shut = new Promise((resolve) => (open = resolve))),
    waiting,
    open: () => open(),
  };
}

/** The group with one projection changed. */
const withProjection = (name: string, change: (projection: Projection) => Partial<Projection>): readonly Projection[] =>
  readModels.map((projection) => (projection.name === name ? { ...projection, ...change(projection) } : projection));

describe('a lease', () => {
  it('a zombie projector whose lease was taken writes nothing', async () => {
    const gate = gated(around.database);
    const zombie = around.start({ database: gate.database, leaseMs: 60_000 });
    await around.shown(await around.append([received('22465', 1)]));

    gate.shut();
    const last = await around.append([received('22465', 10)]);
    await gate.waiting;
    await expireLease();
    const heir = around.start({ leaseMs: 60_000 });
    await around.shown(last);
    expect(await onHand()).toBe(11);
    const rows = await around.rows();

    gate.open();
    await eventually(() => zombie.status().state === 'standing-by');
    expect(await around.rows()).toEqual(rows);
    expect(heir.status().state).toBe('live');
    expect(zombie.status().detail).toMatch(/taken over|another process|holds the lease/);
  });

  it('a second projector takes over within seconds', async () => {
    const readers = readModels.map(({ name, version }) => ({ name, version }));
    const dead = await around.checkpoints.acquire({ readers, logId, holder: 'a process that died', ttlMs: 1_500 });
    expect(dead.outcome).toBe('acquired');
    const heir = around.start();
    await eventually(() => heir.status().detail?.includes('a process that died'));
    const died = performance.now();
    await around.shown(await around.append([received('22465', 1)]));
    expect(performance.now() - died).toBeLessThan(6_000);
    expect(await onHand()).toBe(1);
  });

  it('is renewed as long as its holder lives, so that the other stands by; given back at the end, so that it need not wait', async () => {
    let renewals = 0;
    const checkpoints = {
      ...around.checkpoints,
      renew: async (...renewal: Parameters<typeof around.checkpoints.renew>) => {
        const renewed = await around.checkpoints.renew(...renewal);
        renewals += 1;
        return renewed;
      },
    };
    const holder = around.start({ checkpoints, leaseMs: 900 });
    await around.shown(await around.append([received('22465', 1)]));
    const other = around.start({ leaseMs: 60_000 });
    await eventually(() => renewals >= 5);
    expect(other.status().state).toBe('standing-by');
    await holder.stop();
    await around.shown(await around.append([received('22465', 10)]));
    expect(other.status().state).toBe('live');
    expect(await onHand()).toBe(11);
  });

  it('that was lost while nothing happened is noticed by its renewal', async () => {
    const loser = around.start({ leaseMs: 600 });
    await around.shown(await around.append([received('22465', 1)]));
    await around.database.query("UPDATE checkpoints SET epoch = epoch + 1, holder = 'other', lease_until = 'infinity'");
    await eventually(() => loser.status().state === 'standing-by');
  });
});

describe('exactly once', () => {
  it('a crash between the rows and the checkpoint leaves neither', async () => {
    const seen: { rows: Awaited<ReturnType<Surroundings['rows']>>; positions: readonly (bigint | null)[] }[] = [];
    let crashes = 0;
    const projections = withProjection('stock', (stock) => ({
      write: async (sql, changes) => {
        seen.push({ rows: await around.rows(), positions: await positions() });
        await stock.write(sql, changes);
        crashes += 1;
        if (crashes <= 2) await sql.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    }));
    const last = await around.append([...one.created, received('22465', 7)]);
    around.start({ projections });
    await around.shown(last);
    expect(crashes).toBe(3);
    for (const before of seen) {
      expect(Object.values(before.rows).flat()).toEqual([]);
      expect(new Set(before.positions)).toEqual(new Set([null]));
    }
    expect(await onHand()).toBe(7);
    expect((await around.rows()).orders).toHaveLength(1);
  });

  it('redelivered events change nothing', async () => {
    const last = await around.append(everything);
    await around.start().stop();
    around.start();
    await around.shown(last);
    await around.stopAll();
    const rows = await around.rows();

    const fromTheStart = ({ after: _, ...follow }: Follow) => around.store.follow(follow);
    const projector = around.start({ store: withFaults(around.store, { follow: fromTheStart }) });
    await eventually(() => projector.status().state === 'live');
    expect(await around.rows()).toEqual(rows);
  });

  it('a commit whose answer was lost is not done twice, nor forgotten', async () => {
    let lost = 0;
    const database: ReadModelDatabase = {
      query: around.database.query,
      transaction: async (work) => {
        const result = await around.database.transaction(work);
        lost += 1;
        if (lost <= 2) throw new OutcomeUnknown('A commit got no answer.');
        return result;
      },
    };
    around.start({ database });
    await around.shown(await around.append([received('22465', 7)]));
    await around.shown(await around.append([received('22465', 30)]));
    expect(await onHand()).toBe(37);
    expect(lost).toBeGreaterThan(1);
    const { rows } = await around.database.query('SELECT DISTINCT epoch FROM checkpoints');
    expect(rows).toEqual([{ epoch: 1n }]);
  });

  it('read models rebuilt from zero are identical row for row', async () => {
    around.start();
    for (const happening of everything) await around.append([happening]);
    const last = await around.append([received('85123A', 3)]);
    await around.shown(last);
    await around.stopAll();
    const live = await around.rows();
    expect(live.order_events?.length).toBe(everything.length - 1);
    await around.empty();

    const rebuilt = around.start();
    await eventually(() => rebuilt.status().projections.every(({ position }) => position === last));
    expect(await around.rows()).toEqual(live);
  });
});

describe('what cannot be taken', () => {
  it.each([
    [
      'that the projection refuses',
      (stock: Projection): Partial<Projection> => ({
        project: (recorded) => {
          if (recorded.stream === 'stock-POISON') throw new Error('I cannot take that.');
          return stock.project(recorded);
        },
      }),
    ],
    [
      'whose rows the database refuses',
      (stock: Projection): Partial<Projection> => ({
        project: (recorded) => (recorded.stream === 'stock-POISON' ? [recorded] : stock.project(recorded)),
        write: async (sql, changes) => {
          await stock.write(sql, changes);
          if (JSON.stringify(changes, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes('POISON'))
            await sql.query('SELECT 1 / 0 AS "I cannot take that."');
        },
      }),
    ],
  ])('a poison event %s stops its projection loudly and loses nothing', async (_, change) => {
    // All of it in one batch: what comes before the poison has to be told from what comes after it.
    const last = await around.append([
      ...one.created,
      received('22465', 6),
      received('POISON', 9),
      received('22465', 2),
      ...two.created,
    ]);
    const projector = around.start({ projections: withProjection('stock', change) });
    const others = readModels.map(({ name }) => name).filter((name) => name !== 'stock');
    await around.shown(last, others);
    await eventually(() => projector.status().projections.some(({ stopped }) => stopped !== null));

    const stopped = projector.status().projections.find(({ name }) => name === 'stock')?.stopped;
    expect(stopped?.event).toMatchObject({ type: 'StockReceived', stream: 'stock-POISON', revision: 0 });
    expect(around.complaints.join()).toMatch(/stock stopped before StockReceived at stock-POISON@0/);
    await eventually(() => projector.status().state === 'live');
    expect(await onHand()).toBe(6);
    expect(around.progress.reached('stock')).toBeLessThan(last);
    expect((await around.rows()).orders).toHaveLength(2);

    await projector.stop();
    around.start();
    await around.shown(last);
    expect(await onHand()).toBe(8);
    expect(await onHand('POISON')).toBe(9);
    expect((await around.rows()).orders).toHaveLength(2);
  });

  it('an event of a type that only a newer version knows stops the projector and gives up the lease, after what came before it', async () => {
    const projector = around.start({ leaseMs: 60_000 });
    const before = await around.append([received('22465', 5)]);
    const json = (value: object) => Buffer.from(JSON.stringify(value));
    const unknown = { id: idFor('unknown'), type: 'OrderGiftWrapped', data: json({}), metadata: json({}) };
    await around.store.append(`order-${one.orderId}`, [unknown], 'no-stream');
    expect(await projector.ended).toBeInstanceOf(UnknownEvent);
    expect(projector.status()).toMatchObject({ state: 'stopped', detail: expect.stringContaining('OrderGiftWrapped') });
    expect(around.progress.reached('stock')).toBe(before);
    const readers = readModels.map(({ name, version }) => ({ name, version }));
    expect(await around.checkpoints.acquire({ readers, logId, holder: 'newer', ttlMs: 1000 })).toMatchObject({
      outcome: 'acquired',
    });
  });

  it('a checkpoint of another log is refused by name', async () => {
    around.start();
    await around.shown(await around.append([received('22465', 5)]));
    await around.stopAll();
    const projector = around.start({ logId: 'zz99zz' });
    const refusal = await projector.ended;
    expect(refusal).toBeInstanceOf(CheckpointRefused);
    expect(String(refusal)).toMatch(/is in the log k3f9ab, and this is the log zz99zz/);
    expect(await onHand()).toBe(5);
  });

  it('a log that holds another event at the checkpoint is refused, and both are named', async () => {
    around.start();
    await around.shown(await around.append([received('22465', 5)]));
    await around.stopAll();
    const other = idFor('another event');
    const { rows } = await around.database.query<{ event_id: string }>('SELECT event_id FROM checkpoints LIMIT 1');
    await around.database.query('UPDATE checkpoints SET event_id = $1', [other]);
    const refusal = await around.start().ended;
    expect(refusal).toBeInstanceOf(CheckpointRefused);
    expect(String(refusal)).toContain(other);
    expect(String(refusal)).toContain(rows[0]?.event_id);
  });

  it('a log that ends before the checkpoint is refused', async () => {
    around.start();
    await around.shown(await around.append([received('22465', 5)]));
    await around.stopAll();
    await around.database.query('UPDATE checkpoints SET position = position + 1000000, prepare_position = position + 1000000');
    expect(String(await around.start().ended)).toMatch(/the log ends before that position/);
  });

  it('rows of another version of a projection are refused', async () => {
    around.start();
    await around.shown(await around.append([received('22465', 5)]));
    await around.stopAll();
    const refusal = await around.start({ projections: withProjection('stock', () => ({ version: 2 })) }).ended;
    expect(String(refusal)).toMatch(/stock was made by version 1 of it, and this is version 2/);
  });
});

describe('following', () => {
  it('an event that nobody projects advances the checkpoint', async () => {
    around.start();
    const named = {
      stream: 'panglot-log',
      event: { type: 'LogIdentified', data: { logId } },
      correlationId: idFor('start'),
    } as const;
    const position = await around.append([named]);
    await around.shown(position);
    expect(new Set(await positions())).toEqual(new Set([position]));
    expect(Object.values(await around.rows()).flat()).toEqual([]);
  });

  it('goes on after the last event that was handled when the subscription is lost, without a gap or a repeat', async () => {
    let subscriptions = 0;
    const store: EventStore = withFaults(around.store, {
      follow: async function* (follow) {
        subscriptions += 1;
        for await (const batch of around.store.follow(follow)) {
          yield batch;
          if (subscriptions <= 3 && batch.events.length > 0) throw new Unavailable('The subscription was lost.');
        }
      },
    });
    const projector = around.start({ store });
    for (const quantity of [1, 10, 100, 1000]) await around.shown(await around.append([received('22465', quantity)]));
    expect(await onHand()).toBe(1111);
    expect(subscriptions).toBe(4);
    await eventually(() => projector.status().state === 'live');
  });

  it('waits for a database that is away, says so, and loses nothing', async () => {
    let away = false;
    const refused = () => Promise.reject(new Unavailable('PostgreSQL is away.'));
    const database: ReadModelDatabase = {
      query: around.database.query,
      transaction: (work) => (away ? refused() : around.database.transaction(work)),
    };
    const checkpoints = {
      ...around.checkpoints,
      read: (names: readonly string[]) => (away ? refused() : around.checkpoints.read(names)),
    };
    const projector = around.start({ database, checkpoints });
    await around.shown(await around.append([received('22465', 1)]));
    away = true;
    const last = await around.append([received('22465', 10), received('22465', 100)]);
    await eventually(() => projector.status().state === 'waiting' && projector.status().detail === 'PostgreSQL is away.');
    away = false;
    await around.shown(last);
    expect(await onHand()).toBe(111);
    await eventually(() => projector.status().state === 'live');
  });

  it('a projection that is new to the group catches up from the start, while the others write nothing twice', async () => {
    around.start({ projections: readModels.filter(({ name }) => name !== 'orders') });
    const before = await around.append(everything);
    await around.shown(before, ['stock', 'payments']);
    await around.stopAll();
    around.start();
    const last = await around.append([received('22465', 1)]);
    await around.shown(last);
    const together = await around.rows();
    expect(together.orders).toHaveLength(2);
    await around.stopAll();
    await around.empty();
    const alone = around.start();
    await eventually(() => alone.status().projections.every(({ position }) => position === last));
    expect(await around.rows()).toEqual(together);
  });

  it('stopping finishes the batch in hand and gives the lease back', async () => {
    const gate = gated(around.database);
    const projector = around.start({ database: gate.database, leaseMs: 60_000 });
    await around.shown(await around.append([received('22465', 1)]));
    gate.shut();
    await around.append([received('22465', 10)]);
    await gate.waiting;
    const stopping = projector.stop();
    gate.open();
    await stopping;
    expect(await onHand()).toBe(11);
    expect(projector.status()).toMatchObject({ state: 'stopped', detail: null });
    expect(await projector.ended).toBeNull();
    const { rows } = await around.database.query('SELECT FROM checkpoints WHERE holder IS NOT NULL');
    expect(rows).toHaveLength(0);
  });

  it('a lease that moves on by other hands is fenced, not fought over', async () => {
    const projector = around.start({ leaseMs: 60_000 });
    await around.shown(await around.append([received('22465', 1)]));
    await around.database.query("UPDATE checkpoints SET epoch = epoch + 1, holder = 'other', lease_until = 'infinity'");
    await around.append([received('22465', 10)]);
    await eventually(() => projector.status().state === 'standing-by');
    expect(await onHand()).toBe(1);
  });
});
