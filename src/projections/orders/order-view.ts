// The order as the world sees it, and how its events make it. It derives from the order's own stream alone, so its revision names it.

import { z } from 'zod';
import { unreachable } from '../../domain/decider.js';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { order } from '../../domain/order/order.js';
import { cancellationReason, type OrderEvent, type OrderLine } from '../../domain/order/order-events.js';
import {
  type Allocation,
  amount,
  currency,
  customerId,
  instant,
  quantity,
  shortage,
  sku,
  warehouseId,
} from '../../domain/values.js';
import { idOf, inMilliseconds, positionToken, times, version } from '../shapes.js';

export const orderStatus = z.enum([
  'CREATED',
  'PENDING_PAYMENT',
  'PAYMENT_AUTHORIZED',
  'INVENTORY_RESERVED',
  'PAYMENT_CAPTURED',
  'CONFIRMED',
  'SHIPPED',
  'DELIVERED',
  'PAYMENT_FAILED',
  'PAYMENT_VOIDED',
  'PAYMENT_REFUNDED',
  'INVENTORY_RELEASED',
  'CANCELLED',
]);
export type ShownOrderStatus = z.infer<typeof orderStatus>;

export const orderLineView = z.object({
  line: z.int().positive(),
  sku,
  description: z.string().nullable(),
  quantity,
  unitPrice: amount,
  amount,
  /** Which warehouse gives how many; none until the order's stock is reserved. */
  allocations: z.array(z.object({ warehouse: warehouseId, quantity })),
});

export const orderView = z.object({
  id: z.uuid(),
  reference: z.string().nullable(),
  customerId,
  status: orderStatus,
  /** On the way to being cancelled, beside the status. */
  cancelling: z.boolean(),
  currency,
  total: amount,
  lines: z.array(orderLineView),
  paymentId: z.uuid().nullable(),
  shipment: z
    .object({
      carrier: z.string().nullable(),
      trackingNumber: z.string().nullable(),
      shippedAt: instant,
      deliveredAt: instant.nullable(),
    })
    .nullable(),
  cancellation: z.object({ reason: cancellationReason, requestedAt: instant, shortages: z.array(shortage) }).nullable(),
  /** Every status that the order was ever in, in order. */
  timeline: z.array(z.object({ status: orderStatus, at: instant, revision: z.int().nonnegative(), position: positionToken })),
  /** What waits for a person. */
  attention: z.object({ code: z.string(), detail: z.string(), since: instant }).nullable(),
  placedAt: instant,
  ...times,
  ...version,
});
export type OrderView = z.infer<typeof orderView>;
export type OrderLineView = z.infer<typeof orderLineView>;
type Cancellation = NonNullable<OrderView['cancellation']>;

const lineView = ({ line, sku, description, quantity, unitPrice }: OrderLine): OrderLineView => ({
  line,
  sku,
  description,
  quantity,
  unitPrice,
  amount: quantity * unitPrice,
  allocations: [],
});

/** Deals what the warehouses give of each SKU to the lines in their order: a SKU may stand on several lines, a line may need several warehouses. */
export function dealt(lines: readonly OrderLineView[], allocations: readonly Allocation[]): OrderLineView[] {
  const bySku = new Map<string, { warehouse: string; quantity: number }[]>();
  for (const { sku, warehouse, quantity } of allocations) {
    const given = bySku.get(sku);
    if (given === undefined) bySku.set(sku, [{ warehouse, quantity }]);
    else given.push({ warehouse, quantity });
  }
  return lines.map((line) => {
    const given = bySku.get(line.sku) ?? [];
    const portions: OrderLineView['allocations'] = [];
    for (let missing = line.quantity; missing > 0; ) {
      const next = given[0];
      if (next === undefined) break;
      const taken = Math.min(missing, next.quantity);
      portions.push({ warehouse: next.warehouse, quantity: taken });
      missing -= taken;
      next.quantity -= taken;
      if (next.quantity === 0) given.shift();
    }
    return { ...line, allocations: portions };
  });
}

function created(recorded: Recorded<OrderEvent>, logId: string): OrderView {
  const { event, stream, revision, at } = recorded;
  if (event.type !== 'OrderCreated')
    throw new Error(`${stream}@${revision} is ${event.type}, and nothing of that order has been seen before.`);
  const { reference, customerId, currency, total, lines, placedAt } = event.data;
  const position = formatPosition(logId, recorded.position);
  return {
    id: idOf(stream),
    reference,
    customerId,
    status: 'CREATED',
    cancelling: false,
    currency,
    total,
    lines: lines.map(lineView),
    paymentId: null,
    shipment: null,
    cancellation: null,
    timeline: [{ status: 'CREATED', at, revision, position }],
    attention: null,
    placedAt: inMilliseconds(placedAt),
    createdAt: at,
    updatedAt: at,
    revision,
    position,
  };
}

/** A cancellation began when it was first asked for; its reason is the one that stands now. */
const cancellationOf = (view: OrderView, at: string, { reason, shortages }: Omit<Cancellation, 'requestedAt'>): Cancellation => ({
  reason,
  requestedAt: view.cancellation?.requestedAt ?? at,
  shortages,
});

/** What an event changes beside status, timeline and version. */
function details(view: OrderView, event: OrderEvent, at: string): Partial<OrderView> {
  switch (event.type) {
    case 'OrderPaymentRequested':
      return { paymentId: event.data.paymentId };
    case 'OrderInventoryReserved':
      return { lines: dealt(view.lines, event.data.allocations) };
    case 'OrderConfirmed':
      return { cancelling: false, cancellation: null };
    case 'OrderCancellationRequested':
      return { cancelling: true, cancellation: cancellationOf(view, at, event.data) };
    case 'OrderCancelled':
      return { cancelling: false, cancellation: cancellationOf(view, at, event.data) };
    case 'OrderShipped': {
      const { carrier, trackingNumber } = event.data;
      return { shipment: { carrier, trackingNumber, shippedAt: at, deliveredAt: null } };
    }
    case 'OrderDelivered':
      return { shipment: view.shipment === null ? null : { ...view.shipment, deliveredAt: at } };
    case 'OrderAttentionRaised':
      return { attention: { code: event.data.code, detail: event.data.detail, since: at } };
    case 'OrderAttentionCleared':
      return { attention: null };
    case 'OrderCreated':
    case 'OrderPaymentAuthorized':
    case 'OrderPaymentFailed':
    case 'OrderPaymentVoided':
    case 'OrderPaymentCaptured':
    case 'OrderPaymentRefunded':
    case 'OrderInventoryReleased':
    case 'OrderReturnAccepted':
      return {};
    default:
      return unreachable(event);
  }
}

/** The order's status after an event: the aggregate's own rule, so that the two cannot drift apart. */
function statusAfter(status: ShownOrderStatus, event: OrderEvent): ShownOrderStatus {
  const after = order.evolve({ ...order.initialState, status }, event).status;
  return after === 'NONE' ? status : after;
}

/**
 * The order after one more event of its stream; `null` before its first.
 * @throws if the first event is not OrderCreated
 */
export function evolveOrderView(view: OrderView | null, recorded: Recorded<OrderEvent>, logId: string): OrderView {
  if (view === null) return created(recorded, logId);
  const { event, at, revision } = recorded;
  const position = formatPosition(logId, recorded.position);
  const status = statusAfter(view.status, event);
  const timeline = status === view.status ? view.timeline : [...view.timeline, { status, at, revision, position }];
  return { ...view, ...details(view, event, at), status, timeline, updatedAt: at, revision, position };
}
