// The order: the arbiter between cancel, ship and confirm, and the saga's own log. Its events are in order-events.ts.

import { type Decider, decided, nothing, refused, unreachable } from '../decider.js';
import type { Allocation, Item, Shortage } from '../values.js';
import type { Cancellation, OrderEvent, OrderLine } from './order-events.js';

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export type OrderStatus =
  | 'NONE'
  | 'CREATED'
  | 'PENDING_PAYMENT'
  | 'PAYMENT_AUTHORIZED'
  | 'INVENTORY_RESERVED'
  | 'PAYMENT_CAPTURED'
  | 'CONFIRMED'
  | 'SHIPPED'
  | 'DELIVERED'
  | 'PAYMENT_FAILED'
  | 'PAYMENT_VOIDED'
  | 'PAYMENT_REFUNDED'
  | 'INVENTORY_RELEASED'
  | 'CANCELLED';

interface Shipment {
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
}

export interface Order {
  readonly status: OrderStatus;
  readonly requestHash: string | null;
  readonly total: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly items: readonly Item[];
  readonly paymentId: string | null;
  /** What has been recorded of the payment: hearing it again is a repeat, whatever has become of the order since. */
  readonly authorized: boolean;
  readonly captured: boolean;
  /** Under way to being cancelled, and why; `null` if not. */
  readonly cancelling: Cancellation | null;
  readonly shipment: Shipment | null;
  /** The codes of what waits for a person. */
  readonly attention: readonly string[];
}

const initialState: Order = {
  status: 'NONE',
  requestHash: null,
  total: 0,
  currency: '',
  paymentMethod: '',
  items: [],
  paymentId: null,
  authorized: false,
  captured: false,
  cancelling: null,
  shipment: null,
  attention: [],
};

function evolve(order: Order, event: OrderEvent): Order {
  switch (event.type) {
    case 'OrderCreated': {
      const { requestHash, total, currency, paymentMethod, lines } = event.data;
      const items = lines.map(({ sku, quantity }) => ({ sku, quantity }));
      return { ...order, status: 'CREATED', requestHash, total, currency, paymentMethod, items };
    }
    case 'OrderPaymentRequested':
      return { ...order, status: 'PENDING_PAYMENT', paymentId: event.data.paymentId };
    case 'OrderPaymentAuthorized':
      return { ...order, status: 'PAYMENT_AUTHORIZED', authorized: true };
    case 'OrderPaymentFailed':
      return { ...order, status: 'PAYMENT_FAILED' };
    case 'OrderPaymentVoided':
      return { ...order, status: 'PAYMENT_VOIDED' };
    case 'OrderPaymentCaptured':
      return { ...order, status: 'PAYMENT_CAPTURED', captured: true };
    case 'OrderPaymentRefunded':
      return { ...order, status: 'PAYMENT_REFUNDED' };
    case 'OrderInventoryReserved':
      return { ...order, status: 'INVENTORY_RESERVED' };
    case 'OrderInventoryReleased':
      return { ...order, status: 'INVENTORY_RELEASED' };
    case 'OrderConfirmed':
      return { ...order, status: 'CONFIRMED', cancelling: null };
    case 'OrderCancellationRequested': {
      const { by, reason, note, shortages } = event.data;
      return { ...order, cancelling: { by, reason, note, shortages } };
    }
    case 'OrderCancelled':
      return { ...order, status: 'CANCELLED', cancelling: null };
    case 'OrderShipped': {
      const { carrier, trackingNumber } = event.data;
      return { ...order, status: 'SHIPPED', shipment: { carrier, trackingNumber } };
    }
    case 'OrderDelivered':
      return { ...order, status: 'DELIVERED' };
    case 'OrderAttentionRaised':
      return { ...order, attention: [...order.attention, event.data.code] };
    case 'OrderAttentionCleared':
      return { ...order, attention: [] };
    case 'OrderReturnAccepted':
      return order;
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

/** What a caller asks for when it places an order; ids and times are given, prices are known. */
export interface NewOrder {
  readonly orderId: string;
  readonly principal: string;
  readonly reference: string | null;
  readonly requestHash: string;
  readonly customerId: string;
  readonly currency: string;
  readonly placedAt: string;
  readonly paymentMethod: string;
  readonly lines: readonly OrderLine[];
}

export type OrderCommand =
  | { type: 'CreateOrder'; order: NewOrder }
  | { type: 'StartOrder'; paymentId: string; timeoutAt: string }
  | { type: 'RecordPaymentAuthorized'; paymentId: string; captureBefore: string | null }
  | { type: 'RecordPaymentFailed'; paymentId: string; code: string; message: string }
  | { type: 'RecordPaymentVoided'; paymentId: string; expired: boolean }
  | { type: 'RecordPaymentCaptured'; paymentId: string; amount: number; shipBy: string }
  | { type: 'RecordInventoryReserved'; allocations: readonly Allocation[]; expiresAt: string }
  | { type: 'RecordReservationFailed'; shortages: readonly Shortage[]; attentionAt: string }
  | { type: 'RecordInventoryReleased' }
  | { type: 'ShipOrder'; carrier: string | null; trackingNumber: string | null; deliverBy: string }
  | { type: 'DeliverOrder' }
  /** Something that should be impossible has happened: a person must look. */
  | { type: 'RaiseAttention'; code: string; detail: string };

export type OrderRefusal =
  | { code: 'reference-taken'; reference: string | null }
  | { code: 'order-total-zero' }
  | { code: 'order-too-large'; detail: string }
  | { code: 'order-not-found' }
  | { code: 'order-not-shippable'; status: OrderStatus }
  | { code: 'order-not-deliverable'; status: OrderStatus };

const maximumLines = 2000;
const maximumBytes = 512 * 1024;
const encoder = new TextEncoder();

function create(order: NewOrder) {
  const total = order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  if (!Number.isSafeInteger(total))
    return refused<OrderRefusal>({ code: 'order-too-large', detail: 'the total is beyond what can be counted' });
  if (total === 0) return refused<OrderRefusal>({ code: 'order-total-zero' });
  if (order.lines.length > maximumLines)
    return refused<OrderRefusal>({ code: 'order-too-large', detail: `${order.lines.length} lines; at most ${maximumLines}` });
  const data = { ...order, lines: [...order.lines], total };
  const bytes = encoder.encode(JSON.stringify(data)).length;
  if (bytes > maximumBytes)
    return refused<OrderRefusal>({ code: 'order-too-large', detail: `${bytes} bytes; at most ${maximumBytes}` });
  return decided<OrderEvent>({ type: 'OrderCreated', data });
}

/** What must not happen, and so is never passed over in silence; but said once. */
function attention({ attention }: Order, code: string, detail: string) {
  if (attention.includes(code)) return nothing;
  return decided<OrderEvent>({ type: 'OrderAttentionRaised', data: { code, detail } });
}

const sameShipment = (shipped: Shipment | null, command: Shipment) =>
  shipped !== null && shipped.carrier === command.carrier && shipped.trackingNumber === command.trackingNumber;

function decide(command: OrderCommand, order: Order) {
  const { status } = order;
  if (command.type === 'CreateOrder') {
    if (status === 'NONE') return create(command.order);
    if (order.requestHash === command.order.requestHash) return nothing;
    return refused<OrderRefusal>({ code: 'reference-taken', reference: command.order.reference });
  }
  if (status === 'NONE') return refused<OrderRefusal>({ code: 'order-not-found' });
  switch (command.type) {
    case 'StartOrder': {
      if (status !== 'CREATED') return nothing;
      const { paymentId, timeoutAt } = command;
      const { total, currency } = order;
      return decided<OrderEvent>({ type: 'OrderPaymentRequested', data: { paymentId, amount: total, currency, timeoutAt } });
    }
    case 'RecordPaymentAuthorized': {
      if (order.authorized) return nothing;
      const { paymentId, captureBefore } = command;
      if (status === 'PENDING_PAYMENT')
        return decided<OrderEvent>({ type: 'OrderPaymentAuthorized', data: { paymentId, captureBefore } });
      if (status === 'CANCELLED')
        return attention(order, 'payment-authorized-after-cancellation', `payment ${paymentId} was authorised`);
      return nothing;
    }
    case 'RecordPaymentFailed': {
      if (status !== 'PENDING_PAYMENT') return nothing;
      const { paymentId, code, message } = command;
      const cancelled = order.cancelling ?? { by: 'system', reason: 'PAYMENT_DECLINED', note: null, shortages: [] };
      return decided<OrderEvent>(
        { type: 'OrderPaymentFailed', data: { paymentId, code, message } },
        { type: 'OrderCancelled', data: cancelled },
      );
    }
    case 'RecordPaymentVoided': {
      const { paymentId, expired } = command;
      if (status === 'PAYMENT_AUTHORIZED' || status === 'INVENTORY_RESERVED')
        return decided<OrderEvent>({ type: 'OrderPaymentVoided', data: { paymentId, expired } });
      return nothing;
    }
    case 'RecordPaymentCaptured': {
      if (order.captured) return nothing;
      const { paymentId, amount, shipBy } = command;
      if (status === 'INVENTORY_RESERVED')
        return decided<OrderEvent>(
          { type: 'OrderPaymentCaptured', data: { paymentId, amount } },
          { type: 'OrderConfirmed', data: { shipBy } },
        );
      return attention(order, 'payment-captured-without-stock', `payment ${paymentId} was captured while the order was ${status}`);
    }
    case 'RecordInventoryReserved': {
      if (status !== 'PAYMENT_AUTHORIZED') return nothing;
      const { allocations, expiresAt } = command;
      return decided<OrderEvent>({ type: 'OrderInventoryReserved', data: { allocations: [...allocations], expiresAt } });
    }
    case 'RecordReservationFailed': {
      if (status !== 'PAYMENT_AUTHORIZED' || order.cancelling !== null) return nothing;
      const { shortages, attentionAt } = command;
      return decided<OrderEvent>({
        type: 'OrderCancellationRequested',
        data: { by: 'system', reason: 'INSUFFICIENT_STOCK', note: null, shortages: [...shortages], attentionAt },
      });
    }
    case 'RecordInventoryReleased': {
      if (status !== 'PAYMENT_VOIDED') return nothing;
      const cancelled = order.cancelling ?? { by: 'system', reason: 'PAYMENT_VOIDED', note: null, shortages: [] };
      return decided<OrderEvent>({ type: 'OrderCancelled', data: cancelled });
    }
    case 'ShipOrder': {
      if (status === 'SHIPPED' || status === 'DELIVERED')
        return sameShipment(order.shipment, command) ? nothing : refused<OrderRefusal>({ code: 'order-not-shippable', status });
      if (status !== 'CONFIRMED' || order.cancelling !== null)
        return refused<OrderRefusal>({ code: 'order-not-shippable', status });
      const { carrier, trackingNumber, deliverBy } = command;
      return decided<OrderEvent>({ type: 'OrderShipped', data: { carrier, trackingNumber, deliverBy } });
    }
    case 'DeliverOrder':
      if (status === 'DELIVERED') return nothing;
      if (status !== 'SHIPPED') return refused<OrderRefusal>({ code: 'order-not-deliverable', status });
      return decided<OrderEvent>({ type: 'OrderDelivered', data: {} });
    case 'RaiseAttention':
      return attention(order, command.code, command.detail);
    default:
      return unreachable(command);
  }
}

export const order: Decider<Order, OrderCommand, OrderEvent, OrderRefusal> = { category: 'order', initialState, evolve, decide };
