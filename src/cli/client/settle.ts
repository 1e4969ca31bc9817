// Looks at accepted orders until each is settled, and asks the platform what was captured for it.

import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../domain/log/errors.js';
import { isSettled, type OrderAnswer, orderIn, type PaymentAnswer, paymentIn } from './answers.js';
import { concurrently } from './concurrently.js';
import type { Platform } from './platform.js';

/** An order at its end, in the platform's words. */
export interface Settled {
  readonly order: OrderAnswer;
  /** Zero each if no payment was asked for. */
  readonly payment: PaymentAnswer;
}

/** An accepted order: what the platform answered then, and the position from which on a read shows it. */
export interface Awaited {
  readonly answer: OrderAnswer;
  readonly position: string;
}

export interface SettleOptions<One extends Awaited> {
  readonly concurrency: number;
  /** Milliseconds without any order settling before it gives up on the rest. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onSettled: (one: One, settled: Settled) => void;
}

const firstPause = 50;
const longestPause = 1_000;

/** One look, asked once: whoever has no answer now is looked at again later, as if not settled yet. */
async function look(platform: Platform, { answer, position }: Awaited): Promise<Settled | null> {
  const get = (path: string, minPosition: string) => platform.ask({ method: 'GET', path, minPosition, patience: 0 });
  const order = isSettled(answer) ? answer : orderIn(`The order ${answer.id}`, await get(`/orders/${answer.id}`, position));
  if (!isSettled(order)) return null;
  if (order.paymentId === null) return { order, payment: { captured: 0, refunded: 0 } };
  const payment = await get(`/payments/${order.paymentId}`, order.position);
  return { order, payment: paymentIn(`The payment of the order ${order.id}`, payment) };
}

export interface NotSettled {
  readonly orders: number;
  /** What the platform last had instead of an answer; `null` if it always had one. */
  readonly trouble: string | null;
}

/**
 * Tells of each of them that it is settled. Oldest first, a batch at a time; who is not there yet goes to the end of the queue, and a
 * batch in which nobody was is followed by a pause, so the platform is asked little while it has its hands full.
 * @returns what was not settled in time.
 */
export async function awaitSettled<One extends Awaited>(
  platform: Platform,
  awaited: readonly One[],
  { concurrency, timeout, signal, onSettled }: SettleOptions<One>,
): Promise<NotSettled> {
  let trouble: string | null = null;
  let queue = [...awaited];
  let pause = firstPause;
  let lastProgress = performance.now();
  while (queue.length > 0) {
    const batch = queue.slice(0, concurrency * 4);
    const still: One[] = [];
    await concurrently(batch, concurrency, async (one) => {
      let settled: Settled | null = null;
      try {
        settled = await look(platform, one);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        trouble = error.message;
      }
      if (settled === null) still.push(one);
      else onSettled(one, settled);
    });
    queue = [...queue.slice(batch.length), ...still];
    if (still.length < batch.length) {
      lastProgress = performance.now();
      pause = firstPause;
      continue;
    }
    if (performance.now() - lastProgress > timeout) return { orders: queue.length, trouble };
    await delay(pause, undefined, { signal });
    pause = Math.min(pause * 2, longestPause);
  }
  return { orders: 0, trouble };
}
