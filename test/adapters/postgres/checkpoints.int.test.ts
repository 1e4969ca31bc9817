import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkpointMigrations, postgresCheckpoints } from '../../../src/adapters/postgres/checkpoints.js';
import { type Database, openPostgres } from '../../../src/adapters/postgres/database.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import type { Checkpoints, Lease, LeaseResult, Place } from '../../../src/domain/log/checkpoint.js';
import { Fenced } from '../../../src/domain/log/errors.js';
import { eventually } from '../../support/condition.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

const minute = 60_000;
const orders = { name: 'orders', version: 1 };
const stock = { name: 'stock', version: 3 };
const place = (position: bigint): Place => ({
  position,
  eventId: `00000000-0000-4000-8000-${String(position % 1_000_000n).padStart(12, '0')}`,
});
const at = (...places: [string, bigint | null][]) => new Map(places);

let test: TestDatabase;
let database: Database;
let checkpoints: Checkpoints;

beforeAll(async () => {
  test = await freshDatabase();
  await migrate(test.url, checkpointMigrations);
  database = openPostgres({ url: test.url, poolSize: 4 });
  checkpoints = postgresCheckpoints(database);
  await database.query('CREATE TABLE effects (position bigint)');
});
beforeEach(async () => {
  await database.query('TRUNCATE checkpoints, effects');
});
afterAll(async () => {
  await database?.close();
  await test?.drop();
});

const take = (holder: string, readers = [orders], ttlMs = minute) => checkpoints.acquire({ readers, logId: 'k3f9', holder, ttlMs });

function leaseOf(result: LeaseResult): Lease {
  if (result.outcome !== 'acquired') throw new Error(`held by ${result.by}`);
  return result.lease;
}

/** The database's own way of letting the time of a lease run out. */
const expire = () => database.query("UPDATE checkpoints SET lease_until = clock_timestamp() - interval '1 ms'");

const effects = async () =>
  (await database.query<{ position: bigint }>('SELECT position FROM effects ORDER BY 1')).rows.map((row) => row.position);

/** What a projector does with a batch: the fence first, then the rows. */
const batch = (lease: Lease, from: ReadonlyMap<string, bigint | null>, to: bigint) =>
  database.transaction(async (tx) => {
    await checkpoints.advance(tx, lease, from, place(to));
    await tx.query('INSERT INTO effects VALUES ($1)', [to]);
  });

describe('a lease', () => {
  it('is given for all readers at once, from the start of the log, under an epoch of its own', async () => {
    const result = await take('a', [orders, stock]);
    expect(result).toEqual({
      outcome: 'acquired',
      lease: { names: ['orders', 'stock'], epoch: 1n },
      checkpoints: new Map([
        ['orders', { ...orders, logId: 'k3f9', place: null }],
        ['stock', { ...stock, logId: 'k3f9', place: null }],
      ]),
    });
  });

  it('is refused while another holds one of the readers, and says who and until when', async () => {
    await take('a', [stock]);
    const result = await take('b', [orders, stock]);
    expect(result).toMatchObject({ outcome: 'held', by: 'a' });
    expect(result.outcome === 'held' && result.until.getTime()).toBeGreaterThan(Date.now());
    expect(leaseOf(await take('c', [orders])).names).toEqual(['orders']);
  });

  it('goes to exactly one of many who ask at the same time', async () => {
    const results = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((holder) => take(holder, [stock, orders])));
    expect(results.filter(({ outcome }) => outcome === 'acquired')).toHaveLength(1);
  });

  it('can be taken when its time has run out, released, or is one s own: each time under a higher epoch', async () => {
    expect(leaseOf(await take('a')).epoch).toBe(1n);
    expect(leaseOf(await take('a')).epoch).toBe(2n);
    await expire();
    const third = leaseOf(await take('b'));
    expect(third.epoch).toBe(3n);
    await checkpoints.release(third);
    expect(leaseOf(await take('c')).epoch).toBe(4n);
  });

  it('is above every epoch that any of its readers has seen', async () => {
    for (const holder of ['a', 'a', 'a']) await take(holder, [stock]);
    expect(leaseOf(await take('a', [orders, stock])).epoch).toBe(4n);
  });

  it('is held on to by renewing, and lost once another has taken it', async () => {
    const mine = leaseOf(await take('a', [orders], 1));
    expect(await checkpoints.renew(mine, minute)).toBe(true);
    expect((await take('b')).outcome).toBe('held');
    await expire();
    await take('b');
    expect(await checkpoints.renew(mine, minute)).toBe(false);
  });

  it('is not released by who has lost it', async () => {
    const old = leaseOf(await take('a'));
    await expire();
    await take('b');
    await checkpoints.release(old);
    expect(await take('c')).toMatchObject({ outcome: 'held', by: 'b' });
  });
});

describe('the fence', () => {
  it('moves all checkpoints of the lease with the rows, and the next holder starts there', async () => {
    const lease = leaseOf(await take('a', [orders, stock]));
    await batch(lease, at(['orders', null], ['stock', null]), 10n);
    await batch(lease, at(['orders', 10n], ['stock', 10n]), 9_007_199_254_740_993n);
    await checkpoints.release(lease);
    const next = await take('b', [orders, stock]);
    expect(next.outcome === 'acquired' && next.checkpoints.get('stock')?.place).toEqual(place(9_007_199_254_740_993n));
    expect(await effects()).toEqual([10n, 9_007_199_254_740_993n]);
  });

  it('moves readers that stand at different places', async () => {
    await batch(leaseOf(await take('a', [orders])), at(['orders', null]), 5n);
    await batch(leaseOf(await take('a', [orders, stock])), at(['orders', 5n], ['stock', null]), 6n);
    expect([...(await checkpoints.read(['orders', 'stock', 'other'])).values()].map((one) => one.place)).toEqual([
      place(6n),
      place(6n),
    ]);
  });

  it('lets a zombie, whose lease was taken, write nothing', async () => {
    const zombie = leaseOf(await take('a'));
    await expire();
    const heir = leaseOf(await take('b'));
    await expect(batch(zombie, at(['orders', null]), 1n)).rejects.toThrow(Fenced);
    await batch(heir, at(['orders', null]), 2n);
    await expect(batch(zombie, at(['orders', 2n]), 3n)).rejects.toThrow(Fenced);
    expect(await effects()).toEqual([2n]);
  });

  it('lets a batch be written once only, whatever its writer believes', async () => {
    const lease = leaseOf(await take('a', [orders, stock]));
    await batch(lease, at(['orders', null], ['stock', null]), 1n);
    await expect(batch(lease, at(['orders', null], ['stock', null]), 1n)).rejects.toThrow(Fenced);
    await expect(batch(lease, at(['orders', 1n]), 2n)).rejects.toThrow(Fenced);
    expect(await effects()).toEqual([1n]);
  });

  it('makes a take wait for the batch that is being written, so that the heir starts behind it', async () => {
    const lease = leaseOf(await take('a', [orders], 1));
    let taken: Promise<LeaseResult> | undefined;
    await database.transaction(async (tx) => {
      await checkpoints.advance(tx, lease, at(['orders', null]), place(7n));
      taken = take('b');
      await eventually(async () => {
        const { rows } = await database.query<{ count: bigint }>(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows[0]?.count === 1n;
      });
    });
    const heir = await taken;
    expect(heir?.outcome === 'acquired' && heir.checkpoints.get('orders')?.place).toEqual(place(7n));
  });
});
