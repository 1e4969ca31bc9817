// Sends one order of the demo, and cancels it if that is its part. Sent again, it is found as it is.

import { type OrderAnswer, orderIn, type Refusal, refusalIn, UnexpectedAnswer } from '../client/answers.js';
import type { Platform } from '../client/platform.js';
import { currency } from './catalogue.js';
import { type DemoOrder, methodOf } from './orders.js';

/** What became of an order on its way to the platform. */
export type Placed =
  | { readonly kind: 'accepted'; readonly alreadyThere: boolean; readonly answer: OrderAnswer; readonly position: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Seconds that a customer waits for the confirmation of an order that is then cancelled. */
const regretsAfter = 10;
const regrets = ['ordered twice', 'found it cheaper', 'wrong address', 'changed my mind'] as const;

const requestOf = ({ reference, customerId, lines, kind }: DemoOrder) => ({
  reference,
  customerId,
  currency,
  lines,
  payment: { method: methodOf[kind] },
});

async function cancel(platform: Platform, order: DemoOrder, id: string) {
  const reason = regrets[order.number % regrets.length];
  const answer = await platform.ask({ method: 'POST', path: `/orders/${id}/cancel`, body: { reason } });
  if (answer.status >= 300) throw new UnexpectedAnswer(`Cancelling ${order.reference} was refused: ${refusalIn(answer).detail}.`);
  return answer;
}

/** Of the orders that are cancelled every other one is cancelled at once, the rest when they are confirmed and paid. */
export async function placeDemoOrder(platform: Platform, order: DemoOrder): Promise<Placed> {
  const isCancelled = order.kind === 'cancelled';
  const patient = isCancelled && order.number % 2 === 0 ? { wait: regretsAfter } : {};
  const sent = await platform.ask({ method: 'POST', path: '/orders', body: requestOf(order), ...patient });
  if (sent.status >= 300) return { kind: 'refused', refusal: refusalIn(sent) };
  const placed = orderIn(`The order ${order.reference}`, sent);
  const last = isCancelled && placed.status !== 'CANCELLED' ? await cancel(platform, order, placed.id) : sent;
  const answer = orderIn(`The order ${order.reference}`, last);
  return { kind: 'accepted', alreadyThere: sent.status === 200, answer, position: last.position ?? answer.position };
}
