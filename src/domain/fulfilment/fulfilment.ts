// The process manager's pure half: what happened, and the order as it stands, say which command comes next. It is total, it may be
// asked twice, and the order may be ahead of the event: every command it gives is decided by the stream that it goes to.

import type { DomainEvent } from '../event-catalogue.js';
import type { Recorded } from '../log/recorded.js';
import type { Order, OrderCommand } from '../order/order.js';
import type { PaymentCommand } from '../payment/payment.js';
import type { ReservationCommand } from '../reservation/reservation.js';
import { itemsBySku, later } from '../values.js';

/** A command and the aggregate it goes to. `begins`: it is the first that this stream can see. */
export type FulfilmentCommand =
  | { readonly to: 'order'; readonly id: string; readonly command: OrderCommand }
  | { readonly to: 'payment'; readonly id: string; readonly command: PaymentCommand; readonly begins?: boolean }
  | { readonly to: 'reservation'; readonly id: string; readonly command: ReservationCommand; readonly begins?: boolean };

/** How long each thing may take, in milliseconds. They become deadlines in event data, counted from the event that starts them. */
export interface FulfilmentPolicy {
  readonly paymentTimeout: number;
  readonly reservationExpiry: number;
  readonly shipWithin: number;
  readonly deliverWithin: number;
  /** After which an unresolved void or refund needs a person. */
  readonly attentionAfter: number;
}

/** What the process manager creates is named after (order, purpose, attempt): `UUIDv5`, given because it needs SHA-1. */
export type DeriveId = (orderId: string, purpose: string, attempt: number) => string;

const isOfReturn = ({ returns }: Order, refundId: string): boolean => [...returns.values()].includes(refundId);

/** The events that lead to a command; all others are passed over. */
export const concernsFulfilment = (stream: string): boolean =>
  stream.startsWith('order-') || stream.startsWith('payment-') || stream.startsWith('reservation-');

/**
 * The next commands. `order` is its state at this event or later; it is read only for the order's own events.
 * The order's id is the event's correlation id.
 */
export function react(
  { event, at, metadata }: Recorded<DomainEvent>,
  order: Order,
  policy: FulfilmentPolicy,
  deriveId: DeriveId,
): readonly FulfilmentCommand[] {
  const orderId = metadata.$correlationId;
  const toOrder = (command: OrderCommand): readonly FulfilmentCommand[] => [{ to: 'order', id: orderId, command }];
  const paymentId = order.paymentId ?? deriveId(orderId, 'payment', 1);
  const toPayment = (command: PaymentCommand, begins = false): readonly FulfilmentCommand[] => [
    { to: 'payment', id: paymentId, command, begins },
  ];
  const toReservation = (command: ReservationCommand, begins = false): readonly FulfilmentCommand[] => [
    { to: 'reservation', id: orderId, command, begins },
  ];
  /** Of all that was captured; each attempt is a refund of its own. */
  const toRefund = (attempt: number) =>
    toPayment({ type: 'RequestRefund', refundId: deriveId(orderId, 'refund', attempt), amount: order.total });

  switch (event.type) {
    case 'OrderCreated':
      return toOrder({ type: 'StartOrder', paymentId, timeoutAt: later(at, policy.paymentTimeout) });
    case 'OrderPaymentRequested': {
      const { amount, currency } = event.data;
      return toPayment({ type: 'RequestPayment', paymentId, orderId, amount, currency, method: order.paymentMethod }, true);
    }
    case 'OrderPaymentAuthorized':
      if (order.cancelling !== null) return [];
      return toReservation({ type: 'RequestReservation', orderId, items: itemsBySku(order.lines) }, true);
    case 'OrderInventoryReserved':
      return order.cancelling === null ? toPayment({ type: 'RequestCapture' }) : [];
    // Money first: what was captured is refunded, but only on the customer's word; anything else is voided, and the payment decides
    // which of a capture and a void came first.
    case 'OrderCancellationRequested':
      if (!order.captured) return toPayment({ type: 'RequestVoid' });
      return order.cancelling?.by === 'customer' ? toRefund(1) : [];
    case 'OrderPaymentCaptured':
      return order.cancelling?.by === 'customer' ? toRefund(1) : [];
    // Then stock.
    case 'OrderPaymentVoided':
      return toReservation({ type: 'RequestRelease', orderId });
    case 'OrderPaymentRefunded':
      return isOfReturn(order, event.data.refundId) ? [] : toReservation({ type: 'RequestRelease', orderId });
    case 'OrderAttentionRaised':
      if (event.data.code === 'payment-authorized-after-cancellation') return toPayment({ type: 'RequestVoid' });
      return event.data.code === 'payment-captured-after-cancellation' ? toRefund(1) : [];
    case 'OrderAttentionCleared':
      return event.data.refundAttempt === null ? [] : toRefund(event.data.refundAttempt);
    case 'OrderReturnAccepted': {
      const { refundId, amount } = event.data;
      return amount === 0 ? [] : toPayment({ type: 'RequestRefund', refundId, amount });
    }

    case 'PaymentAuthorized':
      return toOrder({ type: 'RecordPaymentAuthorized', paymentId, captureBefore: event.data.captureBefore });
    case 'PaymentFailed':
      return toOrder({ type: 'RecordPaymentFailed', paymentId, code: event.data.code, message: event.data.message });
    case 'PaymentVoided':
      return toOrder({ type: 'RecordPaymentVoided', paymentId, expired: event.data.expired });
    case 'PaymentCaptured':
      return toOrder({ type: 'RecordPaymentCaptured', paymentId, amount: event.data.amount, shipBy: later(at, policy.shipWithin) });
    case 'PaymentCaptureFailed':
      return toOrder({ type: 'RecordCaptureFailed', ...event.data, attentionAt: later(at, policy.attentionAfter) });
    case 'RefundAccepted': {
      const { refundId, amount } = event.data;
      return toOrder({ type: 'RecordRefundAccepted', paymentId, refundId, amount });
    }
    case 'RefundFailed':
      return toOrder({ type: 'RecordRefundFailed', ...event.data });

    case 'InventoryReserved':
      return toOrder({
        type: 'RecordInventoryReserved',
        allocations: event.data.allocations,
        expiresAt: later(at, policy.reservationExpiry),
      });
    case 'InventoryReservationFailed':
      return toOrder({
        type: 'RecordReservationFailed',
        shortages: event.data.shortages,
        attentionAt: later(at, policy.attentionAfter),
      });
    case 'InventoryReleased':
    case 'ReservationAbandoned':
      return toOrder({ type: 'RecordInventoryReleased' });

    default:
      // Requests are the workers' affair; what remains asks for nothing.
      return [];
  }
}
