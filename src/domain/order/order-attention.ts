// What needs a person: what should be impossible, and what takes too long.

import { decided, nothing, unreachable } from '../decider.js';
import type { OrderCommand } from './order-commands.js';
import type { OrderEvent } from './order-events.js';
import { attentionKey, type Order } from './order-state.js';

/** Says that a person must look; once for each code and subject, also after it has been cleared. */
export function attention({ raised }: Order, code: string, subject: string | null, detail: string) {
  if (raised.has(attentionKey(code, subject))) return nothing;
  return decided<OrderEvent>({ type: 'OrderAttentionRaised', data: { code, subject, detail } });
}

/** What no order should ever hear in its state: never passed over in silence. */
export const impossible = (order: Order, { type }: OrderCommand) =>
  attention(order, 'out-of-step', type, `${type} came while the order was ${order.status}.`);

/** A deadline that has passed raises attention if what it was for has not come about. */
export function overdue(order: Order, { what, subject }: Extract<OrderCommand, { type: 'NoticeOverdue' }>) {
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
