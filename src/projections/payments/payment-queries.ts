// What can be asked of the read model `payments`. Every question is answered from an index, however deep in a list.

import { type NewestFirstCursor, type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { type PaymentRow, viewOfRow } from './payment-rows.js';
import type { PaymentView } from './payment-view.js';

export interface PaymentList {
  /** At least 1. */
  readonly limit: number;
  /** Exclusive; without it from the newest on. */
  readonly cursor?: NewestFirstCursor | null;
  readonly filter?: { readonly orderId?: string };
}

/** The payment as the read model has it; `null` if it has none of that id. @throws Unavailable */
export async function paymentById(sql: Sql, id: string): Promise<PaymentView | null> {
  const { rows } = await sql.query<PaymentRow>({ name: 'payments.by-id', text: 'SELECT * FROM payments WHERE id = $1' }, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

/** Payments, newest first. @throws Unavailable */
export async function listPayments(
  sql: Sql,
  { limit, cursor, filter = {} }: PaymentList,
): Promise<Page<PaymentView, NewestFirstCursor>> {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (filter.orderId !== undefined) conditions.push(`order_id = ${parameter(filter.orderId)}`);
  if (cursor) conditions.push(`(created_at, id) < (${parameter(cursor.createdAt)}::timestamptz, ${parameter(cursor.id)}::uuid)`);
  const where = conditions.join(' AND ') || 'true';
  const { rows } = await sql.query<PaymentRow>(
    `SELECT * FROM payments WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ${parameter(limit + 1)}`,
    values,
  );
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    (last) => ({ createdAt: last.created_at.toISOString(), id: last.id }),
  );
}
