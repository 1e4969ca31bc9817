// A payment as a row, and back.

import { formatPosition } from '../../domain/log/position.js';
import { bare, jsonOrNull } from '../row-values.js';
import type { Column } from '../table-writer.js';
import type { PaymentFold, PaymentView } from './payment-view.js';

export interface PaymentRow {
  readonly id: string;
  readonly order_id: string;
  readonly status: PaymentView['status'];
  readonly currency: string | null;
  readonly amount: bigint | null;
  readonly authorized: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly method: string | null;
  readonly gateway: PaymentView['gateway'];
  readonly failure: PaymentView['failure'];
  readonly refunds: PaymentView['refunds'];
  readonly void_waiting: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly revision: number;
  readonly position: bigint;
}

/** The payment that a row holds, its members in the order in which the fold makes them. */
export const viewOfRow = (row: PaymentRow, logId: string): PaymentView => ({
  id: row.id,
  orderId: row.order_id,
  status: row.status,
  currency: row.currency,
  amount: row.amount === null ? null : Number(row.amount),
  authorized: Number(row.authorized),
  captured: Number(row.captured),
  refunded: Number(row.refunded),
  method: row.method,
  gateway: row.gateway,
  failure: row.failure,
  refunds: row.refunds,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  revision: row.revision,
  position: formatPosition(logId, row.position),
});

export const paymentColumns: readonly Column<PaymentFold>[] = [
  { name: 'id', type: 'uuid', value: ({ view }) => view.id },
  { name: 'order_id', type: 'uuid', value: ({ view }) => view.orderId },
  { name: 'status', type: 'text', value: ({ view }) => view.status },
  { name: 'currency', type: 'text', value: ({ view }) => view.currency },
  { name: 'amount', type: 'bigint', value: ({ view }) => view.amount },
  { name: 'authorized', type: 'bigint', value: ({ view }) => view.authorized },
  { name: 'captured', type: 'bigint', value: ({ view }) => view.captured },
  { name: 'refunded', type: 'bigint', value: ({ view }) => view.refunded },
  { name: 'method', type: 'text', value: ({ view }) => view.method },
  { name: 'gateway', type: 'json', value: ({ view }) => jsonOrNull(view.gateway) },
  { name: 'failure', type: 'json', value: ({ view }) => jsonOrNull(view.failure) },
  { name: 'refunds', type: 'json', value: ({ view }) => JSON.stringify(view.refunds) },
  { name: 'void_waiting', type: 'boolean', value: ({ voidWaiting }) => voidWaiting },
  { name: 'created_at', type: 'timestamptz', merge: 'keep', value: ({ view }) => view.createdAt },
  { name: 'updated_at', type: 'timestamptz', value: ({ view }) => view.updatedAt },
  { name: 'revision', type: 'integer', value: ({ view }) => view.revision },
  { name: 'position', type: 'bigint', value: ({ view }) => bare(view.position) },
];
