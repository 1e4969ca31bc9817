// The process manager's sense of time, as pure as the rest of it: which deadlines an event sets and which it makes void, and what is to
// be done when one has passed. A deadline is data of the event that sets it; whether it still means anything is the stream's decision.

import { unreachable } from '../decider.js';
import type { DomainEvent } from '../event-catalogue.js';
import type { OrderCommand, Overdue } from '../order/order.js';
import { later } from '../values.js';

/** What has a deadline. One of a kind an order, but for the refunds of returns. */
export type Deadline =
  | 'payment-timeout'
  | 'reservation-expiry'
  | 'authorization-expiring'
  | 'authorization-expired'
  | 'cancellation-unresolved'
  | 'ship-overdue'
  | 'delivery-overdue'
  | `return-refund-unresolved/${string}`;

export interface Deadlines {
  readonly set: readonly { readonly deadline: Deadline; readonly dueAt: string }[];
  readonly cleared: readonly Deadline[];
}

const none: Deadlines = { set: [], cleared: [] };

/** How long before an authorisation expires a person is told that it is not captured yet. */
const expiryWarning = 24 * 3_600_000;

const ofPayment = ['authorization-expiring', 'authorization-expired'] as const;

const beforeExpiry = (captureBefore: string | null): Deadlines['set'] =>
  captureBefore === null
    ? []
    : [
        { deadline: 'authorization-expiring', dueAt: later(captureBefore, -expiryWarning) },
        { deadline: 'authorization-expired', dueAt: captureBefore },
      ];

/** The deadlines that an event of an order sets and clears. A newer one takes the place of an older one of its kind. */
export function deadlinesOf(event: DomainEvent): Deadlines {
  switch (event.type) {
    case 'OrderPaymentRequested':
      return { set: [{ deadline: 'payment-timeout', dueAt: event.data.timeoutAt }], cleared: [] };
    case 'OrderPaymentAuthorized':
      return { set: beforeExpiry(event.data.captureBefore), cleared: ['payment-timeout'] };
    case 'OrderPaymentFailed':
      return { set: [], cleared: ['payment-timeout'] };
    case 'OrderInventoryReserved':
      return { set: [{ deadline: 'reservation-expiry', dueAt: event.data.expiresAt }], cleared: [] };
    case 'OrderCancellationRequested':
      return {
        set: [{ deadline: 'cancellation-unresolved', dueAt: event.data.attentionAt }],
        cleared: ['payment-timeout', 'reservation-expiry', 'ship-overdue'],
      };
    case 'OrderPaymentVoided':
      return { set: [], cleared: [...ofPayment, 'reservation-expiry'] };
    case 'OrderPaymentCaptured':
      return { set: [], cleared: ofPayment };
    case 'OrderConfirmed':
      return {
        set: [{ deadline: 'ship-overdue', dueAt: event.data.shipBy }],
        cleared: ['reservation-expiry', 'cancellation-unresolved'],
      };
    case 'OrderCancelled':
      return { set: [], cleared: ['cancellation-unresolved'] };
    case 'OrderShipped':
      return { set: [{ deadline: 'delivery-overdue', dueAt: event.data.deliverBy }], cleared: ['ship-overdue'] };
    case 'OrderDelivered':
      return { set: [], cleared: ['delivery-overdue'] };
    case 'OrderReturnAccepted': {
      const { refundId, amount, attentionAt } = event.data;
      return amount === 0 ? none : { set: [{ deadline: `return-refund-unresolved/${refundId}`, dueAt: attentionAt }], cleared: [] };
    }
    case 'OrderPaymentRefunded':
      return { set: [], cleared: [`return-refund-unresolved/${event.data.refundId}`] };
    default:
      return none;
  }
}

/** What is done about a deadline that has passed: a command to the order, or a look at what the gateway has made of the payment. */
export type Due = { readonly to: 'order'; readonly command: OrderCommand } | { readonly to: 'gateway' };

const notice = (what: Overdue, subject: string | null = null): Due => ({
  to: 'order',
  command: { type: 'NoticeOverdue', what, subject },
});

/** What is due. `dueAt` is the deadline itself, so that what follows is counted from it, whenever it is noticed. */
export function onDue(deadline: Deadline, dueAt: string, { attentionAfter }: { readonly attentionAfter: number }): Due {
  const attentionAt = later(dueAt, attentionAfter);
  switch (deadline) {
    case 'payment-timeout':
      return { to: 'order', command: { type: 'TimeOutPayment', attentionAt } };
    case 'reservation-expiry':
      return { to: 'order', command: { type: 'ExpireReservation', attentionAt } };
    case 'authorization-expiring':
      return notice('capture');
    case 'authorization-expired':
      return { to: 'gateway' };
    case 'cancellation-unresolved':
      return notice('cancellation');
    case 'ship-overdue':
      return notice('shipping');
    case 'delivery-overdue':
      return notice('delivery');
    default:
      if (deadline.startsWith('return-refund-unresolved/'))
        return notice('return-refund', deadline.slice(deadline.indexOf('/') + 1));
      return unreachable(deadline as never);
  }
}
