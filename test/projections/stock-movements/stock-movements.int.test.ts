import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../../src/domain/event-catalogue.js';
import type { Rows, Statement } from '../../../src/domain/log/checkpoint.js';
import type { Recorded } from '../../../src/domain/log/recorded.js';
import { type Sql, sqlOf } from '../../../src/projections/sql.js';
import { stock } from '../../../src/projections/stock/stock.js';
import { stockBySku } from '../../../src/projections/stock/stock-queries.js';
import { movementsOfSku } from '../../../src/projections/stock-movements/stock-movement-queries.js';
import { movementView } from '../../../src/projections/stock-movements/stock-movement-view.js';
import { stockMovements } from '../../../src/projections/stock-movements/stock-movements.js';
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

async function write(events: readonly Recorded<DomainEvent>[], on = sql): Promise<void> {
  for (const projection of [stock, stockMovements]) {
    const changes = events.flatMap((recorded) => [...projection.project(recorded)]);
    if (changes.length > 0) await projection.write(on, changes);
  }
}

const split = orderNamed({
  name: 'split',
  lines: [{ sku: 'B 1', quantity: 5, unitPrice: 1 }],
  split: [
    { sku: 'B 1', warehouse: 'main', quantity: 3 },
    { sku: 'B 1', warehouse: 'north', quantity: 2 },
  ],
});
const adjusted: Happening = {
  stream: 'stock-B 1',
  event: { type: 'StockAdjusted', data: { commandId: idFor('a'), warehouse: 'main', quantity: -1, reason: 'broken, "quoted"' } },
  correlationId: idFor('a'),
};
const log = asRecorded([
  ...[received('B 1', 9), received('B 1', 4, 'north'), received('C', 1)],
  ...[...split.confirmed, adjusted, ...split.shipped],
]);
const all = (over: object = {}) => movementsOfSku(sql, 'B 1', { limit: 50, descending: true, ...over });

describe('the movements of a stock', () => {
  it('tell what each event moved in each warehouse, why, and what it left, the newest first', async () => {
    await write(log);
    const { items } = await all();
    expect(
      items.map(({ type, warehouse, change, balance }) => [
        type,
        warehouse,
        change.onHand,
        change.reserved,
        balance.onHand,
        balance.reserved,
      ]),
    ).toEqual([
      ['SHIPPED', 'north', -2, -2, 2, 0],
      ['SHIPPED', 'main', -3, -3, 5, 0],
      ['ADJUSTED', 'main', -1, 0, 8, 3],
      ['RESERVED', 'north', 0, 2, 4, 2],
      ['RESERVED', 'main', 0, 3, 9, 3],
      ['RECEIVED', 'north', 4, 0, 4, 0],
      ['RECEIVED', 'main', 9, 0, 9, 0],
    ]);
    expect(items[0]?.orderId).toBe(split.orderId);
    expect(items[2]).toMatchObject({ reason: 'broken, "quoted"', orderId: null });
    for (const item of items) movementView.strict().parse(item);
  });

  it('leave in the end what the stock is', async () => {
    await write(log);
    const { items } = await all();
    const view = await stockBySku(sql, 'B 1');
    for (const { warehouse, onHand, reserved } of view?.warehouses ?? [])
      expect(items.find((item) => item.warehouse === warehouse)?.balance).toMatchObject({ onHand, reserved });
  });

  it('are the same however the log is cut into batches', async () => {
    await write(log);
    const whole = (await around.rows()).stock_movements;
    expect(whole).toHaveLength(8);
    for (const size of [1, 2, 5]) {
      await around.empty();
      for (let start = 0; start < log.length; start += size) await write(log.slice(start, start + size));
      expect((await around.rows()).stock_movements).toEqual(whole);
    }
  });

  it('are paged in either direction, of one warehouse if it is named, also within the movements of one event', async () => {
    await write(log);
    for (const [over, count] of [
      [{}, 7],
      [{ descending: false }, 7],
      [{ warehouse: 'north' }, 3],
    ] as const) {
      const paged = [];
      for (let cursor = null; ; ) {
        const page: Awaited<ReturnType<typeof all>> = await all({ ...over, limit: 1, cursor });
        paged.push(...page.items);
        if (page.next === null) break;
        cursor = page.next as never;
      }
      expect(paged).toEqual((await all(over)).items);
      expect(paged).toHaveLength(count);
    }
  });

  it('come from an index, at any depth', async () => {
    await around.database.query(`INSERT INTO stock_movements
      SELECT 'S' || n % 50, n, 0, 'w' || n % 3, 'RECEIVED', now(), 1, 0, 0, 1, 0, NULL, NULL, gen_random_uuid(), n FROM generate_series(1, 20000) AS n`);
    await around.database.query('ANALYZE stock_movements');
    const plans: string[] = [];
    const explaining: Sql = {
      logId,
      query: async <Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Rows<Row>> => {
        const text = typeof statement === 'string' ? statement : statement.text;
        const { rows } = await around.database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return { rows: [], rowCount: 0 };
      },
    };
    for (const descending of [true, false])
      for (const warehouse of [null, 'w1'])
        await movementsOfSku(explaining, 'S7', { limit: 20, descending, warehouse, cursor: { position: '9000', part: 0 } });
    for (const plan of plans) {
      expect(plan).toMatch(/Index Cond: .*position/);
      expect(plan).not.toMatch(/Seq Scan|Sort/);
    }
    expect(plans).toHaveLength(4);
  });
});
