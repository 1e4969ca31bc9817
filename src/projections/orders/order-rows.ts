// An order as a row, and back. A row holds bare positions; the tokens that a view shows name the log as well.

import { formatPosition } from '../../domain/log/position.js';
import { bare, jsonOrNull } from '../row-values.js';
import type { Column } from '../table-writer.js';
import type { OrderView } from './order-view.js';

export interface OrderRow {
  readonly id: string;
  readonly reference: string | null;
  readonly customer_id: string;
  readonly status: OrderView['status'];
  readonly cancelling: boolean;
  readonly currency: string;
  readonly total: bigint;
  /** `null` where a query left them out. */
  readonly lines: OrderView['lines'] | null;
  readonly payment_id: string | null;
  readonly shipment: OrderView['shipment'];
  readonly cancellation: OrderView['cancellation'];
  readonly timeline: OrderView['timeline'];
  readonly attention: OrderView['attention'];
  readonly placed_at: Date;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly revision: number;
  readonly position: bigint;
}

/** Stands for lines that were not read because nothing in the batch needs them, and so need not be written either. */
const unreadLines: OrderView['lines'] = [];

/** The order that a row holds, its members in the order in which the fold makes them. */
export const viewOfRow = (row: OrderRow, logId: string): OrderView => ({
  id: row.id,
  reference: row.reference,
  customerId: row.customer_id,
  status: row.status,
  cancelling: row.cancelling,
  currency: row.currency,
  total: Number(row.total),
  lines: row.lines ?? unreadLines,
  paymentId: row.payment_id,
  shipment: row.shipment,
  cancellation: row.cancellation,
  timeline: row.timeline.map((entry) => ({ ...entry, position: `${logId}:${entry.position}` })),
  attention: row.attention,
  placedAt: row.placed_at.toISOString(),
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  revision: row.revision,
  position: formatPosition(logId, row.position),
});

const timelineJson = (timeline: OrderView['timeline']): string =>
  JSON.stringify(timeline.map((entry) => ({ ...entry, position: bare(entry.position) })));

export const orderColumns: readonly Column<OrderView>[] = [
  { name: 'id', type: 'uuid', value: (view) => view.id },
  { name: 'reference', type: 'text', merge: 'keep', value: (view) => view.reference },
  { name: 'customer_id', type: 'text', merge: 'keep', value: (view) => view.customerId },
  { name: 'status', type: 'text', value: (view) => view.status },
  { name: 'cancelling', type: 'boolean', value: (view) => view.cancelling },
  { name: 'currency', type: 'text', merge: 'keep', value: (view) => view.currency },
  { name: 'total', type: 'bigint', merge: 'keep', value: (view) => view.total },
  {
    name: 'lines',
    type: 'json',
    merge: 'keep-if-null',
    value: (view) => (view.lines === unreadLines ? null : JSON.stringify(view.lines)),
  },
  { name: 'payment_id', type: 'uuid', value: (view) => view.paymentId },
  { name: 'shipment', type: 'json', value: (view) => jsonOrNull(view.shipment) },
  { name: 'cancellation', type: 'json', value: (view) => jsonOrNull(view.cancellation) },
  { name: 'timeline', type: 'json', value: (view) => timelineJson(view.timeline) },
  { name: 'attention', type: 'json', value: (view) => jsonOrNull(view.attention) },
  { name: 'placed_at', type: 'timestamptz', merge: 'keep', value: (view) => view.placedAt },
  { name: 'created_at', type: 'timestamptz', merge: 'keep', value: (view) => view.createdAt },
  { name: 'updated_at', type: 'timestamptz', value: (view) => view.updatedAt },
  { name: 'revision', type: 'integer', value: (view) => view.revision },
  { name: 'position', type: 'bigint', value: (view) => bare(view.position) },
];
