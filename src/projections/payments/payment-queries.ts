// What can be asked of the read model `payments`. Every question is answered from an index, however deep in a list.

import { listOf } from '../listing.js';
import type { Sql } from '../sql.js';
import { type PaymentRow, viewOfRow } from './payment-rows.js';
import type { PaymentView } from './payment-view.js';

/** The payment as the read model has it; `null` if it has none of that id. @throws Unavailable */
export async function paymentById(sql: Sql, id: string): Promise<PaymentView | null> {
  const { rows } = await sql.query<PaymentRow>({ name: 'payments.by-id', text: 'SELECT * FROM payments WHERE id = $1' }, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

/** Payments by when they began. */
export const paymentList = listOf({
  select: 'SELECT * FROM payments',
  id: { column: 'id', type: 'uuid', value: (row: PaymentRow) => row.id },
  sorts: { createdAt: { column: 'created_at', type: 'timestamptz', value: (row: PaymentRow) => row.created_at.toISOString() } },
  filters: {
    orderId: { column: 'order_id', type: 'uuid', sorted: 'createdAt' },
    status: { column: 'status', type: 'text', sorted: 'createdAt' },
  },
  itemOf: viewOfRow,
});
