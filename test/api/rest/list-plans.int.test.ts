// Every list that the API offers, in every sorting, with every filter: what PostgreSQL reads for a page of it. The statements are those that
// real requests cause, over a table that is large enough for the planner to mean it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from '../../../src/api/rest/routes/all-routes.js';
import { type Sql, sqlOf } from '../../../src/projections/sql.js';
import { type ServedApi, serveApi } from '../served-api.js';

const rows = 20_000;
const limit = 10;
/** PostgreSQL may choose to pass over rows of other values, if there are few of them and they lie together. */
const few = 5;
const seen: { text: string; values: readonly unknown[] }[] = [];
let api: ServedApi;

beforeAll(async () => {
  const first = await serveApi();
  const sql = sqlOf(first.database, first.logId);
  const recording: Sql = {
    logId: first.logId,
    query: (statement, values = []) => {
      seen.push({ text: typeof statement === 'string' ? statement : statement.text, values });
      return sql.query(statement, values);
    },
  };
  const recorded = await first.another({ sql: recording });
  api = { ...first, ask: recorded.ask, close: () => recorded.close().then(() => first.close()) };
  await api.database.query(`
    INSERT INTO orders (id, reference, customer_id, status, cancelling, currency, total, lines, timeline, placed_at, created_at, updated_at, revision, position)
    SELECT gen_random_uuid(), 'r-' || n, 'c-' || n % 1000, (ARRAY['CREATED', 'CONFIRMED', 'SHIPPED', 'CANCELLED'])[1 + n % 4], false, 'GBP', n * 7919 % 100000,
      '[]', '[]', '2026-01-01Z'::timestamptz + n % 5000 * interval '1 minute', '2026-02-01Z'::timestamptz + n * interval '1 second', now(), 0, n
    FROM generate_series(1, ${rows}) AS n`);
  await api.database.query(`
    INSERT INTO payments (id, order_id, status, authorized, captured, refunded, refunds, void_waiting, created_at, updated_at, revision, position)
    SELECT gen_random_uuid(), id, (ARRAY['CAPTURED', 'FAILED', 'VOIDED'])[1 + position % 3], 0, 0, 0, '[]', false, created_at, created_at, 0, position FROM orders`);
  await api.database.query(`
    INSERT INTO stock (sku, on_hand, reserved, updated_at, revision, position)
    SELECT 'SKU-' || lpad(n::text, 5, '0'), 0, 0, now(), 0, n FROM generate_series(1, ${rows}) AS n`);
  await api.database.query(`
    INSERT INTO products (sku, description, prices, created_at, updated_at, revision, position)
    SELECT sku, 'a thing', '[]', now(), now(), 0, position FROM stock`);
  await api.database.query(`
    INSERT INTO warehouses (id, name, priority, open, created_at, updated_at, revision, position)
    SELECT 'w-' || lpad(n::text, 5, '0'), 'a house', 1, true, now(), now(), 0, n FROM generate_series(1, ${rows}) AS n`);
  await api.database.query('ANALYZE orders, payments, stock, products, warehouses');
});
afterAll(() => api.close());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How a page of this address is read: what PostgreSQL did, and how many rows of the list's own table it looked at. */
async function reading(table: string, address: string) {
  seen.length = 0;
  const { status, body } = await api.ask<{ page: { next: string | null } }>('GET', address);
  expect([address, status]).toEqual([address, 200]);
  const statement = seen[0];
  if (statement === undefined) throw new Error(`${address} asked nothing.`);
  const explained = await api.database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`,
    statement.values,
  );
  const nodes = explained.rows[0]?.['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)) ?? [];
  const own = nodes.filter((node) => node['Relation Name'] === table);
  const looked = own.reduce(
    (sum, node) =>
      sum +
      (node['Actual Loops'] ?? 1) *
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)),
    0,
  );
  return { next: body.page.next, kinds: nodes.map((node) => node['Node Type']), looked };
}

const values: Readonly<Record<string, readonly [one: string, several: string]>> = {
  status: ['SHIPPED', 'CONFIRMED,SHIPPED,CANCELLED'],
  customerId: ['c-17', 'c-17,c-18,c-19'],
  reference: ['r-17', ''],
  orderId: ['01985c5e-0000-7000-8000-0000000000ff', '01985c5e-0000-7000-8000-0000000000ff,01985c5e-0000-7000-8000-0000000000fe'],
  sku: ['SKU-00017', 'SKU-00017,SKU-09000'],
};
const statuses: Readonly<Record<string, readonly [one: string, several: string]>> = { '/payments': ['FAILED', 'FAILED,VOIDED'] };
const bounds: Readonly<Record<string, string>> = {
  createdAt: 'createdAt[gte]=2026-02-01T01:00:00Z&createdAt[lt]=2026-02-01T05:00:00Z',
  placedAt: 'placedAt[gt]=2026-01-01T01:00:00Z&placedAt[lte]=2026-01-02T01:00:00Z',
  total: 'total[gte]=5000&total[lte]=90000',
};

const lists = allRoutes.filter(({ kind, query, path }) => kind === 'read' && 'sort' in query.shape && !path.includes('{'));

/** Everything that a list offers: each sorting with no filter, with each one, with two; each with no bounds, with each, with two. */
const offered = lists.flatMap(({ path, query }) => {
  const parameters = Object.keys(query.shape);
  const sorts = (query.shape.sort as { unwrap(): { options: readonly string[] } }).unwrap().options;
  const names = parameters.filter((name) => Object.hasOwn(values, name));
  const one = names.flatMap((name) => {
    const [single, several] = (name === 'status' ? statuses[path] : undefined) ?? values[name] ?? ['', ''];
    return several === '' ? [`${name}=${single}`] : [`${name}=${single}`, `${name}=${several}`];
  });
  const two =
    names.length > 1 ? [one.filter((filter) => !filter.startsWith(`${names[0]}=`)).at(-1) ?? '', one[0] ?? ''].join('&') : null;
  const filters = ['', ...one, ...(two === null ? [] : [two])];
  const held = [...new Set(parameters.flatMap((name) => /^(\w+)\[/.exec(name)?.[1] ?? []))];
  const ranges = [[], ...held.map((by) => [by]), ...(held.length > 1 ? [held.slice(0, 2)] : [])];
  return sorts.flatMap((sort) =>
    filters.flatMap((filter) => ranges.map((by) => ({ table: path.slice(1), path, sort, filter, by }))),
  );
});

const addressOf = ({ path, sort, filter, by }: (typeof offered)[number], cursor: string | null) =>
  `/api/v1${path}?${[`limit=${limit}`, `sort=${sort}`, filter, ...by.map((one) => bounds[one] ?? ''), cursor === null ? '' : `cursor=${cursor}`].filter((part) => part !== '').join('&')}`;

/** Whether one index has both the filter and the sorting. */
const isLed = ({ path, sort, filter, by }: (typeof offered)[number]) => {
  const key = sort.replace('-', '');
  return by.every((one) => one === key) && !filter.includes('&') && (filter === '' || key === 'createdAt' || path === '/products');
};

describe('every list that is offered', () => {
  it('is known to this test', () => {
    expect(lists.map(({ path }) => path).sort()).toEqual(['/orders', '/payments', '/products', '/stock', '/warehouses']);
    expect(offered.length).toBeGreaterThan(100);
  });

  it('comes from an index at any depth, and where one has both filter and sorting a page reads a few rows for each that it shows', async () => {
    const faults: string[] = [];
    let pages = 0;
    for (const list of offered) {
      let cursor: string | null = null;
      for (let page = 1; page <= 2; page += 1) {
        const address = addressOf(list, cursor);
        const { next, kinds, looked } = await reading(list.table, address);
        pages += 1;
        if (kinds.includes('Seq Scan')) faults.push(`${address}: ${kinds.join(', ')}`);
        const several = /=([^&]*,[^&]*)/.exec(list.filter)?.[1]?.split(',').length ?? 1;
        if (isLed(list) && looked > (limit + 1) * several * few) faults.push(`${address}: ${looked} rows for a page of ${limit}`);
        if (next === null) break;
        cursor = next;
      }
    }
    expect(faults).toEqual([]);
    expect(pages).toBeGreaterThan(offered.length);
  });
});
