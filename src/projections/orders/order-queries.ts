// What can be asked of the read model `orders`. Every question is answered from an index, however deep in a list.

import { listOf } from '../listing.js';
import type { Sql } from '../sql.js';
import { type OrderRow, viewOfRow } from './order-rows.js';
import type { OrderView } from './order-view.js';

/** The order as the read model has it; `null` if it has none of that id. @throws Unavailable */
export async function orderById(sql: Sql, id: string): Promise<OrderView | null> {
  const { rows } = await sql.query<OrderRow>({ name: 'orders.by-id', text: 'SELECT * FROM orders WHERE id = $1' }, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

/** Orders by when they came to us, by when they were placed, or by their total. */
export const orderList = listOf({
  select: 'SELECT * FROM orders',
  id: { column: 'id', type: 'uuid', value: (row: OrderRow) => row.id },
  sorts: {
    createdAt: { column: 'created_at', type: 'timestamptz', value: (row: OrderRow) => row.created_at.toISOString() },
    placedAt: { column: 'placed_at', type: 'timestamptz', value: (row: OrderRow) => row.placed_at.toISOString() },
    total: { column: 'total', type: 'bigint', value: (row: OrderRow) => String(row.total) },
  },
  filters: {
    reference: { column: 'reference', type: 'text', sorted: 'createdAt' },
    customerId: { column: 'customer_id', type: 'text', sorted: 'createdAt' },
    status: { column: 'status', type: 'text', sorted: 'createdAt' },
  },
  itemOf: viewOfRow,
});

const settled = {
  name: 'orders.settled-among',
  text: `SELECT * FROM orders WHERE id = ANY ($1::uuid[]) AND status IN ('CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED')`,
};

/** Those of the orders that have been confirmed or cancelled. @throws Unavailable */
export async function settledAmong(sql: Sql, ids: readonly string[]): Promise<readonly OrderView[]> {
  const { rows } = await sql.query<OrderRow>(settled, [ids]);
  return rows.map((row) => viewOfRow(row, sql.logId));
}
