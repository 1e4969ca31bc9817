import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../../src/domain/event-catalogue.js';
import type { Rows, Statement } from '../../../src/domain/log/checkpoint.js';
import type { Recorded } from '../../../src/domain/log/recorded.js';
import { orders } from '../../../src/projections/orders/orders.js';
import type { Projection } from '../../../src/projections/projection.js';
import { type Sql, sqlOf } from '../../../src/projections/sql.js';
import { openClaimsOf, orphanCandidates } from '../../../src/projections/stock-claims/stock-claim-queries.js';
import { stockClaims } from '../../../src/projections/stock-claims/stock-claims.js';
import { asRecorded, type Happening, idFor, logId, orderNamed, received } from '../story.js';
import { type Surroundings, surroundings } from '../surroundings.js';

let around: Surroundings;
let sql: Sql;
beforeAll(async () => {
  around = await surroundings();
  sql = sqlOf(around.database, logId);
});
afterAll(() => around.close());
beforeEach(() => around.empty());

const twoLines = (name: string) =>
  orderNamed({
    name,
    lines: [
      { sku: 'B 1', quantity: 2, unitPrice: 1 },
      { sku: `"A"-${name}`, quantity: 3, unitPrice: 1 },
    ],
  });

/** One batch, as the projector writes it. */
async function apply<Change>(projection: Projection<Change>, events: readonly Recorded<DomainEvent>[], on = sql): Promise<void> {
  const changes = events.flatMap((recorded) => [...projection.project(recorded)]);
  if (changes.length > 0) await projection.write(on, changes);
}
const write = async (happenings: readonly Recorded<DomainEvent>[]) => {
  await apply(orders, happenings);
  await apply(stockClaims, happenings);
};
const claims = async () => (await around.rows()).stock_claims;

describe('the open claims', () => {
  const [one, two] = [twoLines('one'), twoLines('two')];

  it('are those reserved and neither released nor shipped, by SKU', async () => {
    await write(asRecorded([received('B 1', 9), ...one.confirmed, ...two.confirmed]));
    const [a, b] = await openClaimsOf(sql, one.orderId);
    expect([a, b]).toEqual([
      { orderId: one.orderId, sku: '"A"-one', requestedAt: '1', reservedAt: expect.stringMatching(/^2026-01-01T/) },
      { orderId: one.orderId, sku: 'B 1', requestedAt: '1', reservedAt: expect.stringMatching(/^2026-01-01T/) },
    ]);
    await write(asRecorded(one.shipped));
    expect(await openClaimsOf(sql, one.orderId)).toEqual([]);
    expect(await openClaimsOf(sql, two.orderId)).toHaveLength(2);
    await write(asRecorded(two.released));
    expect(await claims()).toEqual([]);
  });

  it('are the same however the log is cut into batches', async () => {
    const log = asRecorded([
      ...[...one.confirmed, ...two.confirmed, ...one.shipped, ...two.released.slice(0, 1)],
      ...twoLines('three').confirmed,
      ...[...twoLines('four').created, ...twoLines('four').short],
    ]);
    await write(log);
    const whole = await claims();
    expect(whole).toHaveLength(3);
    for (const size of [1, 2, 7]) {
      await around.empty();
      for (let start = 0; start < log.length; start += size) await write(log.slice(start, start + size));
      expect(await claims()).toEqual(whole);
    }
  });

  it('take at most two statements a batch, and none where nothing changes', async () => {
    let statements = 0;
    const counting: Sql = {
      ...sql,
      query: (...call) => {
        statements += 1;
        return sql.query(...call);
      },
    };
    await apply(stockClaims, asRecorded([...one.confirmed, ...two.confirmed, ...one.shipped, ...twoLines('four').short]), counting);
    expect(statements).toBe(2);
    await apply(stockClaims, asRecorded([received('B 1', 5), ...one.created]), counting);
    expect(statements).toBe(2);
  });
});

describe('candidates for orphans', () => {
  const hour = 3_600_000;
  const ago = (recorded: Recorded<DomainEvent>, milliseconds: number): Recorded<DomainEvent> => ({
    ...recorded,
    at: new Date(Date.now() - milliseconds).toISOString(),
  });
  const named = (name: string) => orderNamed({ name, lines: [{ sku: name, quantity: 1, unitPrice: 1 }] });
  const ofOrder = (happenings: readonly Happening[]) => happenings.filter(({ stream }) => stream.startsWith('order-'));
  const stories: Record<string, (sketch: ReturnType<typeof named>) => readonly Happening[]> = {
    confirmed: ({ confirmed }) => confirmed,
    cancelled: ({ created, requested, authorized, reserved, declined }) => [
      ...[...created, ...requested, ...authorized, ...reserved, ...declined],
    ],
    shipped: ({ confirmed, shipped }) => [...confirmed, ...ofOrder(shipped)],
    delivered: ({ confirmed, shipped, delivered }) => [...confirmed, ...ofOrder(shipped), ...delivered],
    missing: ({ reserved }) => reserved.filter(({ stream }) => stream.startsWith('stock-')),
    ended: ({ confirmed, shipped, delivered }) => [...confirmed, ...shipped, ...delivered],
  };

  it('are open claims older than asked for whose order is over or missing, the oldest first', async () => {
    const ages = { confirmed: 9, cancelled: 3, shipped: 5, delivered: 2, missing: 4, ended: 8 };
    for (const [name, hours] of Object.entries(ages))
      await write(asRecorded(stories[name]?.(named(name)) ?? []).map((recorded) => ago(recorded, hours * hour)));
    const found = await orphanCandidates(sql, hour, 10);
    expect(found.map(({ sku, status }) => [sku, status])).toEqual([
      ['shipped', 'SHIPPED'],
      ['missing', null],
      ['cancelled', 'CANCELLED'],
      ['delivered', 'DELIVERED'],
    ]);
    expect(found[1]).toMatchObject({ orderId: named('missing').orderId, requestedAt: '1' });
    expect((await orphanCandidates(sql, 3.5 * hour, 10)).map(({ sku }) => sku)).toEqual(['shipped', 'missing']);
    expect((await orphanCandidates(sql, hour, 1)).map(({ sku }) => sku)).toEqual(['shipped']);
    expect(await orphanCandidates(sql, 10 * hour, 10)).toEqual([]);
  });

  it('come from indexes, in the order of the claims', async () => {
    const plans: string[] = [];
    await around.database.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off');
      const explaining: Sql = {
        logId,
        query: async <Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Rows<Row>> => {
          const text = typeof statement === 'string' ? statement : statement.text;
          const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
          return { rows: [], rowCount: 0 };
        },
      };
      await orphanCandidates(explaining, hour, 100);
      await openClaimsOf(explaining, idFor('x'));
      await apply(stockClaims, asRecorded(named('x').shipped), explaining);
    });
    const [orphans, ofOne, deletion] = plans;
    expect(orphans).toMatch(/Index Scan using stock_claims_oldest_first/);
    expect(orphans).toMatch(/Index Scan using orders_pkey/);
    expect(ofOne).toMatch(/Index Scan using stock_claims_pkey/);
    expect(deletion).toMatch(/Index Scan using stock_claims_pkey/);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan|Sort/);
  });
});
