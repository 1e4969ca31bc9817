// The order: the arbiter between cancel, ship and confirm, and the saga's own log. Its events are in order-events.ts, its state in
// order-state.ts; what is not in the table of its transitions is a repeat, is late, or should be impossible.

import { type Decider, decided, nothing, refused, unreachable } from '../decider.js';
import type { Allocation, Shortage } from '../values.js';
import { cancelByCustomer, cancelBySystem, cancelledFor } from './order-cancellation.js';
import type { OrderEvent, OrderLine, ReturnedLine } from './order-events.js';
import { acceptReturn } from './order-return.js';
import { attentionKey, evolve, initialState, type Order, type OrderStatus, refundFailed, type Shipment } from './order-state.js';

export type { Order, OrderStatus } from './order-state.js';

// ── Commands ────────────────────────────────────────────────────────────────────────────────────

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

/** What may take too long. */
export type Overdue = 'shipping' | 'delivery' | 'cancellation' | 'capture' | 'return-refund';

export type OrderCommand =
  | { type: 'CreateOrder'; order: NewOrder }
  | { type: 'StartOrder'; paymentId: string; timeoutAt: string }
  | { type: 'CancelOrder'; note: string | null; attentionAt: string }
  | { type: 'TimeOutPayment'; attentionAt: string }
  | { type: 'RecordPaymentAuthorized'; paymentId: string; captureBefore: string | null }
  | { type: 'RecordPaymentFailed'; paymentId: string; code: string; message: string }
  | { type: 'RecordPaymentVoided'; paymentId: string; expired: boolean }
  | { type: 'RecordPaymentCaptured'; paymentId: string; amount: number; shipBy: string }
  | { type: 'RecordCaptureFailed'; code: string; message: string; attentionAt: string }
  | { type: 'RecordRefundAccepted'; paymentId: string; refundId: string; amount: number }
  | { type: 'RecordRefundFailed'; refundId: string; code: string; message: string }
  | { type: 'RecordInventoryReserved'; allocations: readonly Allocation[]; expiresAt: string }
  | { type: 'RecordReservationFailed'; shortages: readonly Shortage[]; attentionAt: string }
  | { type: 'ExpireReservation'; attentionAt: string }
  | { type: 'RecordInventoryReleased' }
  | { type: 'ShipOrder'; carrier: string | null; trackingNumber: string | null; deliverBy: string }
  | { type: 'DeliverOrder' }
  | {
      type: 'ReturnOrder';
      returnId: string;
      refundId: string;
      reason: string | null;
      lines: readonly ReturnedLine[];
      attentionAt: string;
    }
  /** A deadline has passed; whether that still means anything is decided here. `subject`: the refund that is waited for. */
  | { type: 'NoticeOverdue'; what: Overdue; subject: string | null }
  /** Something that should be impossible has happened: a person must look. */
  | { type: 'RaiseAttention'; code: string; detail: string; subject: string | null }
  | { type: 'ClearAttention'; note: string };

export type OrderRefusal =
  | { code: 'reference-taken'; reference: string | null }
  | { code: 'order-total-zero' }
  | { code: 'order-too-large'; detail: string }
  | { code: 'order-not-found' }
  | { code: 'order-not-cancellable'; status: OrderStatus }
  | { code: 'order-not-shippable'; status: OrderStatus; cancelling: boolean }
  | { code: 'order-not-deliverable'; status: OrderStatus }
  | { code: 'order-not-returnable'; status: OrderStatus }
  /** `index` counts the command's lines from 0. */
  | { code: 'return-exceeds-shipped'; index: number; line: number; returnable: number };

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

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

/** Says that a person must look; once for each code and subject, also after it has been cleared. */
function attention({ raised }: Order, code: string, subject: string | null, detail: string) {
  if (raised.has(attentionKey(code, subject))) return nothing;
  return decided<OrderEvent>({ type: 'OrderAttentionRaised', data: { code, subject, detail } });
}

/** What no order should ever hear in its state: never passed over in silence. */
const impossible = (order: Order, { type }: OrderCommand) =>
  attention(order, 'out-of-step', type, `${type} came while the order was ${order.status}.`);

const sameShipment = (shipped: Shipment | null, command: Shipment) =>
  shipped !== null && shipped.carrier === command.carrier && shipped.trackingNumber === command.trackingNumber;

function authorized(order: Order, command: Extract<OrderCommand, { type: 'RecordPaymentAuthorized' }>) {
  if (order.authorized) return nothing;
  const { paymentId, captureBefore } = command;
  if (order.status === 'PENDING_PAYMENT')
    return decided<OrderEvent>({ type: 'OrderPaymentAuthorized', data: { paymentId, captureBefore } });
  if (order.status === 'CANCELLED')
    return attention(order, 'payment-authorized-after-cancellation', paymentId, `Payment ${paymentId} was authorised.`);
  return impossible(order, command);
}

/** A payment that never held money has come to its end: there is nothing to give back. */
function neverPaid(
  order: Order,
  failure: { paymentId: string; code: string; message: string },
  reason: 'PAYMENT_DECLINED' | 'PAYMENT_VOIDED',
) {
  return decided<OrderEvent>(
    { type: 'OrderPaymentFailed', data: failure },
    { type: 'OrderCancelled', data: cancelledFor(order, reason) },
  );
}

function voided(order: Order, command: Extract<OrderCommand, { type: 'RecordPaymentVoided' }>) {
  const { status } = order;
  if (order.voided || status === 'CANCELLED') return nothing;
  const { paymentId, expired } = command;
  if (status === 'PENDING_PAYMENT')
    return neverPaid(
      order,
      { paymentId, code: 'voided', message: 'The payment was voided before it was authorised.' },
      'PAYMENT_VOIDED',
    );
  if (status === 'PAYMENT_AUTHORIZED' || status === 'INVENTORY_RESERVED')
    return decided<OrderEvent>({ type: 'OrderPaymentVoided', data: { paymentId, expired } });
  return impossible(order, command);
}

function captured(order: Order, command: Extract<OrderCommand, { type: 'RecordPaymentCaptured' }>) {
  if (order.captured) return nothing;
  const { paymentId, amount, shipBy } = command;
  const recorded: OrderEvent = { type: 'OrderPaymentCaptured', data: { paymentId, amount } };
  if (order.status === 'INVENTORY_RESERVED' && !order.voided) {
    if (order.cancelling?.by === 'customer') return decided(recorded);
    return decided<OrderEvent>(recorded, { type: 'OrderConfirmed', data: { shipBy } });
  }
  const code = order.status === 'CANCELLED' ? 'payment-captured-after-cancellation' : 'payment-captured-without-stock';
  return attention(order, code, paymentId, `Payment ${paymentId} was captured while the order was ${order.status}.`);
}

function refundAccepted(order: Order, command: Extract<OrderCommand, { type: 'RecordRefundAccepted' }>) {
  const { status, cancelling } = order;
  const { paymentId, refundId, amount } = command;
  if (order.refunded.has(refundId) || status === 'CANCELLED' || status === 'PAYMENT_REFUNDED') return nothing;
  const ofCancellation = (status === 'PAYMENT_CAPTURED' || status === 'CONFIRMED') && cancelling !== null;
  if (!ofCancellation && ![...order.returns.values()].includes(refundId)) return impossible(order, command);
  return decided<OrderEvent>({ type: 'OrderPaymentRefunded', data: { paymentId, refundId, amount } });
}

function reservationFailed(order: Order, command: Extract<OrderCommand, { type: 'RecordReservationFailed' }>) {
  const { status, cancelling } = order;
  const { attentionAt } = command;
  const shortages = [...command.shortages];
  if (status === 'PAYMENT_AUTHORIZED') {
    if (cancelling === null) return cancelBySystem('INSUFFICIENT_STOCK', attentionAt, { shortages });
    if (cancelling.shortages.length > 0) return nothing;
    return decided<OrderEvent>({ type: 'OrderCancellationRequested', data: { ...cancelling, shortages, attentionAt } });
  }
  if (status === 'PAYMENT_VOIDED' || status === 'CANCELLED') return nothing;
  if (!order.reserved) return impossible(order, command);
  return attention(order, 'stock-gone', command.type, `The reservation failed while the order was ${status}.`);
}

function released(order: Order, command: OrderCommand) {
  const { status } = order;
  if (status === 'CANCELLED') return nothing;
  const cancelled: OrderEvent = { type: 'OrderCancelled', data: cancelledFor(order, 'PAYMENT_VOIDED') };
  if (status === 'PAYMENT_VOIDED') return decided(cancelled);
  if (status === 'PAYMENT_REFUNDED' || (status === 'INVENTORY_RESERVED' && order.voided))
    return decided<OrderEvent>({ type: 'OrderInventoryReleased', data: {} }, cancelled);
  if (!order.reserved) return impossible(order, command);
  return attention(order, 'stock-gone', command.type, `The stock was released while the order was ${status}.`);
}

function overdue(order: Order, { what, subject }: Extract<OrderCommand, { type: 'NoticeOverdue' }>) {
  const { status, cancelling } = order;
  switch (what) {
    case 'shipping':
      if (status !== 'CONFIRMED' || cancelling !== null) return nothing;
      return attention(order, 'ship-overdue', null, 'The order was to be shipped by now.');
    case 'delivery':
      if (status !== 'SHIPPED') return nothing;
      return attention(order, 'delivery-overdue', null, 'The order was to be delivered by now.');
    case 'capture':
      if (!order.authorized || order.captured || order.voided || cancelling !== null) return nothing;
      return attention(order, 'authorization-expiring', null, 'The authorisation expires within a day, and is not captured.');
    case 'cancellation': {
      if (cancelling === null) return nothing;
      const pending = status === 'PAYMENT_REFUNDED' || order.voided ? 'release' : order.captured ? 'refund' : 'void';
      return attention(order, `${pending}-unresolved`, null, `The ${pending} of a cancelled order is still under way.`);
    }
    case 'return-refund':
      if (subject === null || order.refunded.has(subject)) return nothing;
      return attention(order, 'refund-unresolved', subject, `Refund ${subject} of a return is still under way.`);
    default:
      return unreachable(what);
  }
}

function ship(order: Order, command: Extract<OrderCommand, { type: 'ShipOrder' }>) {
  const { status, cancelling } = order;
  const { carrier, trackingNumber, deliverBy } = command;
  if ((status === 'SHIPPED' || status === 'DELIVERED') && sameShipment(order.shipment, command)) return nothing;
  if (status !== 'CONFIRMED' || cancelling !== null)
    return refused<OrderRefusal>({ code: 'order-not-shippable', status, cancelling: cancelling !== null });
  return decided<OrderEvent>({ type: 'OrderShipped', data: { carrier, trackingNumber, deliverBy } });
}

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
    case 'CancelOrder':
      return cancelByCustomer(order, command);
    case 'TimeOutPayment':
      if (status !== 'PENDING_PAYMENT' || order.cancelling !== null) return nothing;
      return cancelBySystem('PAYMENT_TIMEOUT', command.attentionAt);
    case 'RecordPaymentAuthorized':
      return authorized(order, command);
    case 'RecordPaymentFailed': {
      const { paymentId, code, message } = command;
      if (status === 'CANCELLED') return nothing;
      if (status === 'PENDING_PAYMENT') return neverPaid(order, { paymentId, code, message }, 'PAYMENT_DECLINED');
      return impossible(order, command);
    }
    case 'RecordPaymentVoided':
      return voided(order, command);
    case 'RecordPaymentCaptured':
      return captured(order, command);
    case 'RecordCaptureFailed': {
      if (!order.reserved && status !== 'CANCELLED') return impossible(order, command);
      if (status !== 'INVENTORY_RESERVED' || order.voided || order.cancelling !== null) return nothing;
      return cancelBySystem('CAPTURE_FAILED', command.attentionAt, { note: `${command.code}: ${command.message}` });
    }
    case 'RecordRefundAccepted':
      return refundAccepted(order, command);
    case 'RecordRefundFailed': {
      const { refundId, code, message } = command;
      return attention(order, refundFailed, refundId, `Refund ${refundId} failed: ${message} (${code})`);
    }
    case 'RecordInventoryReserved': {
      if (order.reserved || status === 'PAYMENT_VOIDED' || (status === 'CANCELLED' && order.authorized)) return nothing;
      if (status !== 'PAYMENT_AUTHORIZED') return impossible(order, command);
      const { allocations, expiresAt } = command;
      return decided<OrderEvent>({ type: 'OrderInventoryReserved', data: { allocations: [...allocations], expiresAt } });
    }
    case 'RecordReservationFailed':
      return reservationFailed(order, command);
    case 'ExpireReservation':
      if (status !== 'INVENTORY_RESERVED' || order.voided || order.cancelling !== null) return nothing;
      return cancelBySystem('RESERVATION_EXPIRED', command.attentionAt);
    case 'RecordInventoryReleased':
      return released(order, command);
    case 'ShipOrder':
      return ship(order, command);
    case 'DeliverOrder':
      if (status === 'DELIVERED') return nothing;
      if (status !== 'SHIPPED') return refused<OrderRefusal>({ code: 'order-not-deliverable', status });
      return decided<OrderEvent>({ type: 'OrderDelivered', data: {} });
    case 'ReturnOrder':
      return acceptReturn(order, command);
    case 'NoticeOverdue':
      return overdue(order, command);
    case 'RaiseAttention':
      return attention(order, command.code, command.subject, command.detail);
    case 'ClearAttention': {
      if (order.attention.length === 0) return nothing;
      const refundAttempt = order.refundOwed && order.returns.size === 0 ? order.refundsFailed + 1 : null;
      return decided<OrderEvent>({ type: 'OrderAttentionCleared', data: { note: command.note, refundAttempt } });
    }
    default:
      return unreachable(command);
  }
}

export const order: Decider<Order, OrderCommand, OrderEvent, OrderRefusal> = { category: 'order', initialState, evolve, decide };
