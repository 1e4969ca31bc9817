// What can be asked of the read model `orders`. Every question is answered from an index, however deep in a list.

import { type NewestFirstCursor, type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { type OrderRow, viewOfRow } from './order-rows.js';
import type { OrderView, ShownOrderStatus } from './order-view.js';

/** All that are given must hold. */
export interface OrderFilter {
  /** One of these. */
  readonly statuses?: readonly ShownOrderStatus[];
  readonly customerId?: string;
  readonly reference?: string;
}

export interface OrderList {
  /** At least 1. */
  readonly limit: number;
  /** Exclusive; without it from the newest on. */
  readonly cursor?: NewestFirstCursor | null;
  readonly filter?: OrderFilter;
}

/** The order as the read model has it; `null` if it has none of that id. @throws Unavailable */
export async function orderById(sql: Sql, id: string): Promise<OrderView | null> {
  const { rows } = await sql.query<OrderRow>({ name: 'orders.by-id', text: 'SELECT * FROM orders WHERE id = $1' }, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

const newestFirst = 'ORDER BY created_at DESC, id DESC LIMIT';

/** Orders, newest first. @throws Unavailable */
export async function listOrders(sql: Sql, { limit, cursor, filter = {} }: OrderList): Promise<Page<OrderView, NewestFirstCursor>> {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (filter.customerId !== undefined) conditions.push(`customer_id = ${parameter(filter.customerId)}`);
  if (filter.reference !== undefined) conditions.push(`reference = ${parameter(filter.reference)}`);
  if (cursor) conditions.push(`(created_at, id) < (${parameter(cursor.createdAt)}::timestamptz, ${parameter(cursor.id)}::uuid)`);
  const rowsWanted = parameter(limit + 1);
  const where = (more: readonly string[]) => [...conditions, ...more].join(' AND ') || 'true';
  const { statuses } = filter;
  const text =
    statuses === undefined
      ? `SELECT * FROM orders WHERE ${where([])} ${newestFirst} ${rowsWanted}`
      : // The newest of each status, each from the index, and of those the newest: an index has no order over several statuses.
        `SELECT o.* FROM unnest(${parameter([...new Set(statuses)])}::text[]) AS wanted (status) CROSS JOIN LATERAL (
           SELECT * FROM orders WHERE ${where(['orders.status = wanted.status'])} ${newestFirst} ${rowsWanted}
         ) AS o ${newestFirst} ${rowsWanted}`;
  const { rows } = await sql.query<OrderRow>(text, values);
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    (last) => ({ createdAt: last.created_at.toISOString(), id: last.id }),
  );
}

const settled = {
  name: 'orders.settled-among',
  text: `SELECT * FROM orders WHERE id = ANY ($1::uuid[]) AND status IN ('CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED')`,
};

/** Those of the orders that have been confirmed or cancelled. @throws Unavailable */
export async function settledAmong(sql: Sql, ids: readonly string[]): Promise<readonly OrderView[]> {
  const { rows } = await sql.query<OrderRow>(settled, [ids]);
  return rows.map((row) => viewOfRow(row, sql.logId));
}
