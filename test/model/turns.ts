// The turns that an order's story can take, told from its events: what a run must have seen of them, so that a model that has silently
// stopped racing anything is noticed.

import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { order } from '../../src/domain/order/order.js';
import type { OrderEvent } from '../../src/domain/order/order-events.js';
import { moments } from './placed.js';
import type { Schedule } from './process-manager.js';
import type { Streams } from './streams.js';

const isOf =
  <T extends OrderEvent['type']>(type: T) =>
  (event: DomainEvent): event is Extract<OrderEvent, { type: T }> =>
    event.type === type;

/** What happened to one order, in words. */
export function turnsOf(streams: Streams, orderId: string): readonly string[] {
  const events = (streams.streams.get(`order-${orderId}`)?.recorded ?? []).map(({ event }) => event);
  const { status, cancelled } = streams.load(order, orderId);
  const requests = events.filter(isOf('OrderCancellationRequested')).map(({ data }) => data);
  const by = (who: 'customer' | 'system') => requests.some((request) => request.by === who);
  const has = (type: OrderEvent['type']) => events.some((event) => event.type === type);
  const turns = [`ended ${status}`];
  if (cancelled !== null) turns.push(`cancelled for ${cancelled.reason}`);
  for (const { data } of events.filter(isOf('OrderAttentionRaised'))) turns.push(`attention: ${data.code}`);
  if (by('system') && has('OrderConfirmed')) turns.push('the system gave up, and the capture came first');
  if (by('system') && by('customer')) turns.push('the system gave up, then the customer');
  if (has('OrderInventoryReserved') && has('OrderPaymentVoided')) turns.push('voided after it was reserved');
  if (by('customer') && has('OrderPaymentCaptured') && !has('OrderConfirmed'))
    turns.push('the customer cancelled, and the capture came first');
  if (has('OrderConfirmed') && has('OrderPaymentRefunded') && has('OrderCancelled')) turns.push('cancelled after it was confirmed');
  if (events.some((event) => isOf('OrderAttentionCleared')(event) && event.data.refundAttempt !== null))
    turns.push('a refund was tried again');
  return turns;
}

/** The sum of all counts whose name fits. */
const counted = (counts: ReadonlyMap<string, number>, name: RegExp): number =>
  [...counts].reduce((total, [what, n]) => total + (name.test(what) ? n : 0), 0);

/** How often the customer's cancellation came at each moment: granted, or, after shipping, refused. */
const seen = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(moments).map(([race, moment]) => [
      `cancel against ${race}`,
      counted(counts, new RegExp(`^CancelOrder ${moment === moments['shipping, after it'] ? 'refused' : 'done'} in ${moment}`)),
    ]),
  );

/** What only the one or the other schedule knows. */
const own: Readonly<Record<Schedule, readonly RegExp[]>> = {
  wild: [/^an event was delivered again$/, /^attention: payment-authorized-after-cancellation$/],
  'in order': [/^a process died$/, /^a process lost its lease, and its calls went through$/],
};

/** What else has to have happened in every schedule. */
const rest: readonly RegExp[] = [
  /^ShipOrder refused in CONFIRMED c by the customer/,
  /^ended CONFIRMED$/,
  /^ended SHIPPED$/,
  /^ended DELIVERED$/,
  /^cancelled for CUSTOMER_REQUEST$/,
  /^cancelled for PAYMENT_DECLINED$/,
  /^cancelled for PAYMENT_TIMEOUT$/,
  /^cancelled for PAYMENT_VOIDED$/,
  /^cancelled for INSUFFICIENT_STOCK$/,
  /^cancelled for RESERVATION_EXPIRED$/,
  /^cancelled for CAPTURE_FAILED$/,
  /^the system gave up, and the capture came first$/,
  /^the system gave up, then the customer$/,
  /^the customer cancelled, and the capture came first$/,
  /^voided after it was reserved$/,
  /^cancelled after it was confirmed$/,
  /^a refund was tried again$/,
  /^a refund succeeds$/,
  /^a refund succeeds later$/,
  /^a refund fails$/,
  /^a refund fails later$/,
  /^attention: refund-failed$/,
  /^attention: void-unresolved$/,
  /^attention: ship-overdue$/,
  /^attention: delivery-overdue$/,
  /^an authorisation expired$/,
  /^money was taken at the gateway while it was being voided$/,
  /^the bank answered a confirmation later$/,
  /^payment-timeout passed$/,
  /^reservation-expiry passed$/,
  /^authorization-expired passed$/,
  /^authorization-expiring passed$/,
  /^cancellation-unresolved passed$/,
  /^return-refund-unresolved passed$/,
  /^an error was kept under a key, and it was not done$/,
  /^an error was kept under a key, though it was done$/,
  /^an answer of the gateway was lost$/,
  /^an answer was repeated under its key$/,
  /^ReturnOrder done in (SHIPPED|DELIVERED)/,
  /^a command was unavailable$/,
  /^a command was done, and nobody heard of it$/,
  /^a state that was loaded was old$/,
];

/** What of all that did not happen. */
export const missed = (schedule: Schedule, counts: ReadonlyMap<string, number>): readonly string[] => [
  ...Object.entries(seen(counts)).flatMap(([race, times]) => (times === 0 ? [race] : [])),
  ...[...rest, ...own[schedule]].filter((name) => counted(counts, name) === 0).map(String),
];
