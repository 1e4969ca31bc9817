// What the wire and the server may do to one request. The methods' rows say it for payments of theirs; a test may say it for any request.

import type { ChangeName, Method, QuestionName } from './methods.js';

/**
 * - `slow`: carried out after a while, then answered;
 * - `request-lost`: the connection breaks, nothing is carried out;
 * - `reply-lost`: carried out for good, then the connection breaks;
 * - `error-done`, `error-not-done`: carried out for good, or not at all, and answered 500. A change's key keeps that answer.
 */
export type Fault = 'slow' | 'request-lost' | 'reply-lost' | 'error-done' | 'error-not-done';

/** A request that is about to be carried out: no repeat of one that was. */
export interface Asked {
  readonly operation: ChangeName | QuestionName;
  readonly intentId: string;
  readonly idempotencyKey: string | null;
}

/** How long things take, in milliseconds. */
export interface Times {
  /** Until something slow is carried out: longer than a caller likes to wait, shorter than it does wait. */
  readonly slowMs: number;
  /** How long after its creation an outage of an intent lasts. */
  readonly outageMs: number;
  /** How long after a refund was made the bank settles it, if it does so later. */
  readonly refundSettlesMs: number;
}
export const usualTimes: Times = { slowMs: 3_000, outageMs: 20_000, refundSettlesMs: 5_000 };

/** The connection breaks instead of an answer. */
export class ConnectionLost extends Error {}

/** What the method's row says of the operation; `age` is the intent's, in milliseconds. */
export function faultOf({ wire }: Method, operation: ChangeName | QuestionName, age: number, { outageMs }: Times): Fault | null {
  if (wire.outage && operation !== 'create' && age < outageMs) return 'request-lost';
  const isNamed = (names: readonly string[]) => names.includes(operation);
  if (isNamed(wire.slow)) return 'slow';
  return isNamed(wire.replyLost) ? 'reply-lost' : null;
}
