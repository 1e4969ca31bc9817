// How an order comes to be cancelled: by the customer at any time before it is shipped, by the system where the saga cannot go on.

import { decided, nothing, refused } from '../decider.js';
import type { Shortage } from '../values.js';
import type { Cancellation, OrderEvent } from './order-events.js';
import type { Order, OrderStatus } from './order-state.js';

type NotCancellable = { code: 'order-not-cancellable'; status: OrderStatus };

/** Why the order is cancelled in the end: as it was asked for, else for what happened. */
export const cancelledFor = ({ cancelling }: Order, otherwise: 'PAYMENT_DECLINED' | 'PAYMENT_VOIDED'): Cancellation =>
  cancelling ?? { by: 'system', reason: otherwise, note: null, shortages: [] };

/** A cancellation that the saga asks for. */
export const cancelBySystem = (
  reason: Cancellation['reason'],
  attentionAt: string,
  { note = null, shortages = [] }: { readonly note?: string | null; readonly shortages?: Shortage[] } = {},
) => decided<OrderEvent>({ type: 'OrderCancellationRequested', data: { by: 'system', reason, note, shortages, attentionAt } });

/** The same facts: a bare repeat, or the same note. What the system has cancelled needs no customer any more. */
const isRepeat = (standing: Cancellation, note: string | null) =>
  standing.by === 'system' || note === null || note === standing.note;

/**
 * The customer's own word: granted until the order is shipped, at once while nothing has been asked of anybody, else under way until
 * money and stock have gone back. It takes the place of a reason of the system's.
 */
export function cancelByCustomer(
  order: Order,
  { note, attentionAt }: { readonly note: string | null; readonly attentionAt: string },
) {
  const { status, cancelling, cancelled } = order;
  const shortages = cancelling?.shortages ?? [];
  const cancellation: Cancellation = { by: 'customer', reason: 'CUSTOMER_REQUEST', note, shortages: [...shortages] };
  const standing = cancelled ?? (cancelling?.by === 'customer' ? cancelling : null);
  if (standing !== null)
    return isRepeat(standing, note) ? nothing : refused<NotCancellable>({ code: 'order-not-cancellable', status });
  if (status === 'SHIPPED' || status === 'DELIVERED') return refused<NotCancellable>({ code: 'order-not-cancellable', status });
  if (status === 'CREATED') return decided<OrderEvent>({ type: 'OrderCancelled', data: cancellation });
  return decided<OrderEvent>({ type: 'OrderCancellationRequested', data: { ...cancellation, attentionAt } });
}
