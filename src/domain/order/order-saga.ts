// What an order makes of what it hears from payment, stock and the clock: the rows of its table that no caller asks for. What is in no row is
// a repeat, is late, or should be impossible.

import { decided, nothing, unreachable } from '../decider.js';
import { attention, impossible } from './order-attention.js';
import { cancelBySystem, cancelledFor } from './order-cancellation.js';
import type { OrderCommand } from './order-commands.js';
import type { OrderEvent } from './order-events.js';
import { type Order, refundFailed } from './order-state.js';

type Heard<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/** What is recorded of payment and stock, and the deadlines that end the waiting for them. */
export type SagaCommand = Heard<
  | 'TimeOutPayment'
  | 'RecordPaymentAuthorized'
  | 'RecordPaymentFailed'
  | 'RecordPaymentVoided'
  | 'RecordPaymentCaptured'
  | 'RecordCaptureFailed'
  | 'RecordRefundAccepted'
  | 'RecordRefundFailed'
  | 'RecordInventoryReserved'
  | 'RecordReservationFailed'
  | 'ExpireReservation'
  | 'RecordInventoryReleased'
>;

function authorized(order: Order, command: Heard<'RecordPaymentAuthorized'>) {
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

function voided(order: Order, command: Heard<'RecordPaymentVoided'>) {
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

function captured(order: Order, command: Heard<'RecordPaymentCaptured'>) {
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

function refundAccepted(order: Order, command: Heard<'RecordRefundAccepted'>) {
  const { status, cancelling } = order;
  const { paymentId, refundId, amount } = command;
  if (order.refunded.has(refundId) || status === 'CANCELLED' || status === 'PAYMENT_REFUNDED') return nothing;
  const ofCancellation = (status === 'PAYMENT_CAPTURED' || status === 'CONFIRMED') && cancelling !== null;
  if (!ofCancellation && ![...order.returns.values()].includes(refundId)) return impossible(order, command);
  return decided<OrderEvent>({ type: 'OrderPaymentRefunded', data: { paymentId, refundId, amount } });
}

function reservationFailed(order: Order, command: Heard<'RecordReservationFailed'>) {
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

/** Decides what an order that exists makes of it. */
export function hear(command: SagaCommand, order: Order) {
  const { status } = order;
  switch (command.type) {
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
    default:
      return unreachable(command);
  }
}
