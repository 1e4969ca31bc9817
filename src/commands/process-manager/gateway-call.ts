// One thing that is asked of the gateway until it is answered: under the key of its attempt, then by looking. A new key only once a look
// has shown that it was not done, and only after its number stands in the log.

import { Unavailable } from '../../domain/log/errors.js';
import type { PaymentCommand } from '../../domain/payment/payment.js';
import { AnswerKept } from '../payment-gateway.js';

export interface GatewayCall<Answer> {
  /** The number of the attempt; its key is made of it. */
  readonly attempt: number;
  /** When that attempt was written down, in milliseconds since 1970. */
  readonly since: number;
  readonly send: () => Promise<Answer>;
  /** What the gateway knows of it; `null` if it was not done, or cannot be looked up. */
  readonly look: () => Promise<Answer | null>;
  /** What is to be recorded. @throws Pending if there is no answer yet */
  readonly meaning: (answer: Answer) => PaymentCommand;
  /** Whether the answer is a refusal that nothing has come of: under this key it would be answered again for ever. */
  readonly isRefusal?: (answer: Answer) => boolean;
  /** What is to be recorded once it is certain that it was not done under this key, and never will be. */
  readonly undone: PaymentCommand;
}

const hour = 3_600_000;

/** Stripe may prune a key after 24 hours (docs.stripe.com/api/idempotent_requests): what is older is looked up, never sent again. */
const keysLast = 23 * hour;

/** A gateway that keeps its own errors is given time between two keys: 2 s after the first, 5 min at most. */
const timeBetweenKeys = (attempt: number) => Math.min(5 * 60_000, 1000 * 2 ** Math.min(attempt, 20));

/**
 * What is to be recorded. `mayBeDone`: an earlier try of this attempt may have done it.
 * @throws Unavailable, OutcomeUnknown, Pending: try again later; GatewayRefused
 */
export async function carryOut<Answer>(call: GatewayCall<Answer>, mayBeDone: boolean, now: number): Promise<PaymentCommand> {
  const { attempt, since, send, look, meaning, isRefusal, undone } = call;
  const age = now - since;
  const nextKey = (why: string) => {
    if (age < timeBetweenKeys(attempt)) throw new Unavailable(`Not done under this key, and too soon for the next: ${why}`);
    return undone;
  };
  if (mayBeDone || age > keysLast) {
    const found = await look();
    if (found !== null) return meaning(found);
    if (age > keysLast) return undone;
  }
  let answer: Answer;
  try {
    answer = await send();
  } catch (error) {
    if (!(error instanceof AnswerKept)) throw error;
    const found = await look();
    if (found !== null) return meaning(found);
    return nextKey(error.message);
  }
  return isRefusal?.(answer) === true ? nextKey('it was refused.') : meaning(answer);
}
