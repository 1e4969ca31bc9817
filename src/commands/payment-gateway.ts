// The port to the payment gateway: what may be asked about one payment intent, and what its answers mean. Retries, breaker and
// bulkhead stand around it; which request comes next is the payment's own decision.

import { InfrastructureError, OutcomeUnknown } from '../domain/log/errors.js';

/** Why an attempt did not succeed, in the gateway's words: its most precise code, and a sentence. */
export interface GatewayFailure {
  readonly code: string;
  readonly message: string;
}

/**
 * Where an intent stands.
 * - `created`: the gateway knows it, no money has moved;
 * - `pending`: the bank or the customer has not answered yet; ask again later;
 * - `authorized`: the money is held until `captureBefore`;
 * - `captured`: the money is taken, for good;
 * - `voided`: cancelled, nothing is held;
 * - `failed`: declined; the gateway would let it be tried with another method, so it is cancelled to close it.
 */
export type IntentState = 'created' | 'pending' | 'authorized' | 'captured' | 'voided' | 'failed';

/** An intent as the gateway described it. Amounts are minor units of ISO 4217. */
export interface IntentSnapshot {
  readonly intentId: string;
  readonly state: IntentState;
  readonly amount: number;
  readonly amountCaptured: number;
  /** Until when an authorised amount can be captured (RFC 3339, UTC, milliseconds); `null` if nothing is held or the gateway does not say. */
  readonly captureBefore: string | null;
  /** Whether it was voided by the gateway, because nobody captured it in time. */
  readonly expired: boolean;
  /** Why the last attempt did not succeed; a declined confirmation or capture is told here, never thrown. */
  readonly failure: GatewayFailure | null;
}

/** `pending` is accepted: the money is on its way back, though a bank may still return it days later. */
export type RefundState = 'pending' | 'succeeded' | 'failed';

/** A refund as the gateway described it. */
export interface RefundSnapshot {
  /** Ours, as it was sent. */
  readonly refundId: string;
  /** The gateway's; `null` if it refused to make one. */
  readonly gatewayRefundId: string | null;
  readonly state: RefundState;
  readonly amount: number;
  readonly failure: GatewayFailure | null;
}

/** Under one key the gateway does a thing once, and answers a repeat with its first answer, for 24 hours; after that, look it up. */
interface Keyed {
  readonly idempotencyKey: string;
}

export interface CreateIntent extends Keyed {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  readonly method: string;
}

export interface IntentOperation extends Keyed {
  readonly intentId: string;
}

export interface CaptureIntent extends IntentOperation {
  /** At most what is authorised; the rest of the authorisation is released. */
  readonly amount: number;
  readonly currency: string;
}

export interface RefundIntent extends CaptureIntent {
  readonly refundId: string;
}

/**
 * One payment's dealings with a gateway. Parameters come from stored events alone, so that a repeat is the same request.
 *
 * A change (`create`, `confirm`, `capture`, `cancel`, `refund`) answers with what is. Asking for what is already so, or can no longer
 * be, is answered the same way: capturing a voided intent answers `voided`. An answer repeated under its key is as old as the first.
 *
 * Changes throw
 * - `OutcomeUnknown`: nobody knows whether it was done (no answer in time, a broken connection, the gateway's own error, the same
 *   request still under way): ask again under the same key, or look it up;
 * - `AnswerKept`, an `OutcomeUnknown` that the same key will never lift: look it up;
 * - `Unavailable`: it was not attempted (nobody there, too many requests);
 * - `GatewayRefused`: it was not done, and never will be as it was asked.
 *
 * Reads (`retrieve`, `findRefund`) change nothing, so all that keeps them from an answer is `Unavailable` or `GatewayRefused`.
 * Every call ends within the adapter's timeout, a change that has to be looked up within two.
 */
export interface PaymentGateway {
  /** What events call it. */
  readonly name: string;

  /** Makes an intent for the payment, unconfirmed and to be captured by hand: a handle, before any money moves. */
  create(request: CreateIntent): Promise<IntentSnapshot>;

  /** Asks the bank to hold the amount. Answers `authorized`, `failed` or `pending`. */
  confirm(request: IntentOperation): Promise<IntentSnapshot>;

  /** Takes held money. Answers `captured`; if it was declined, `authorized` (or what has become of it) with the failure. */
  capture(request: CaptureIntent): Promise<IntentSnapshot>;

  /** Gives held money back and closes the intent. Answers `voided`, or `captured` if that came first. */
  cancel(request: IntentOperation): Promise<IntentSnapshot>;

  /** What has become of the intent, as of now. */
  retrieve(intentId: string): Promise<IntentSnapshot>;

  /** Gives captured money back. One that the gateway will not make is answered as `failed`, without a gateway's id. */
  refund(request: RefundIntent): Promise<RefundSnapshot>;

  /** The refund that was made under our id, however long ago; `null` if there is none. */
  findRefund(lookup: { readonly intentId: string; readonly refundId: string }): Promise<RefundSnapshot | null>;
}

/**
 * The gateway understood and said no: it was not done. `blame` tells what has to change: the `request` itself (an unknown payment
 * method, an amount below the minimum), which is final; or our `credentials`, which concerns every request until somebody mends them.
 */
export class GatewayRefused extends InfrastructureError {
  readonly blame: 'request' | 'credentials';
  readonly code: string;

  constructor(message: string, refusal: { blame: 'request' | 'credentials'; code: string }, options?: ErrorOptions) {
    super(message, options);
    this.blame = refusal.blame;
    this.code = refusal.code;
  }
}

/**
 * The gateway's own error is kept under this key: asking again under it brings the same answer, and still nobody knows whether it was
 * done. Look it up, and only if it was not done ask under a new key.
 */
export class AnswerKept extends OutcomeUnknown {}
