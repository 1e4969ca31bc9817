// What Stripe's errors mean for what was asked: not attempted, unknown, or refused (docs.stripe.com/error-low-level).

import Stripe from 'stripe';
import { AnswerKept, GatewayRefused } from '../../commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import { TransportFailure } from './transport.js';

const {
  StripeAuthenticationError,
  StripeCardError,
  StripeConnectionError,
  StripeError,
  StripeIdempotencyError,
  StripeInvalidRequestError,
  StripePermissionError,
  StripeRateLimitError,
} = Stripe.errors;

function refused(doing: string, error: Stripe.errors.StripeError, blame: 'request' | 'credentials'): GatewayRefused {
  const code = error.code ?? error.rawType ?? 'unknown';
  return new GatewayRefused(
    `The payment gateway refused to ${doing}: ${error.message} (${code})`,
    { blame, code },
    { cause: error },
  );
}

/** The port's error for one that the client threw while it was `doing` a change ("capture pi_1"). What is not Stripe's is a bug, and passed on. */
export function changeError(doing: string, error: unknown): unknown {
  if (!(error instanceof StripeError)) return error;
  if (error instanceof StripeConnectionError) {
    const failure = error.detail instanceof TransportFailure ? error.detail : null;
    const reason = failure?.message ?? error.message;
    if (failure?.attempted === false) {
      return new Unavailable(`The payment gateway cannot be reached to ${doing}: ${reason}.`, { cause: error });
    }
    return new OutcomeUnknown(`It is not known whether the payment gateway did ${doing}: ${reason}.`, { cause: error });
  }
  if (error instanceof StripeRateLimitError) {
    return new Unavailable(`The payment gateway is too busy to ${doing}: ${error.message}`, { cause: error });
  }
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError)
    return refused(doing, error, 'credentials');
  if (error instanceof StripeInvalidRequestError || error instanceof StripeIdempotencyError || error instanceof StripeCardError) {
    return refused(doing, error, 'request');
  }
  const status = error.statusCode === undefined ? '' : ` with status ${error.statusCode}`;
  const said = `It is not known whether the payment gateway did ${doing}: it answered${status}: ${error.message}`;
  if (isReplayed(error)) return new AnswerKept(`${said} That answer is kept under the key.`, { cause: error });
  return new OutcomeUnknown(said, { cause: error });
}

/** Stripe keeps the first answer under a key, its own errors included, and says so when it repeats one (docs.stripe.com/error-low-level). */
const isReplayed = (error: Stripe.errors.StripeError): boolean =>
  error.statusCode !== undefined && error.statusCode >= 500 && error.headers?.['idempotent-replayed'] === 'true';

/** The same for a read: nothing is at stake, so whatever is not refused may be asked again. */
export function readError(doing: string, error: unknown): unknown {
  const meaning = changeError(doing, error);
  if (!(meaning instanceof OutcomeUnknown)) return meaning;
  return new Unavailable(`The payment gateway gave no answer to ${doing}.`, { cause: error });
}

/** The intent is not where the request needs it to be: done already, or no longer possible. */
export const isUnexpectedState = (error: unknown): boolean =>
  error instanceof StripeInvalidRequestError && error.code === 'payment_intent_unexpected_state';

/** The authorisation is gone, which the bank or Stripe decided. */
const authorizationGone = new Set([
  'charge_expired_for_capture',
  'capture_charge_authorization_expired',
  'charge_already_captured',
]);

/** Whether a bank's or the gateway's rules declined the confirmation or the capture for good. */
export function isDeclined(error: unknown): error is Stripe.errors.StripeError {
  if (error instanceof StripeCardError) return true;
  return error instanceof StripeInvalidRequestError && error.code !== undefined && authorizationGone.has(error.code);
}

const notRefundable = new Set([
  'amount_too_large',
  'balance_insufficient',
  'charge_already_refunded',
  'charge_disputed',
  'charge_not_refundable',
  'insufficient_funds',
  'payment_intent_unexpected_state',
  'refund_disputed_payment',
]);

/** Whether there is nothing (or not so much) to be refunded. More than is left has a parameter instead of a code. */
export function isNotRefundable(error: unknown): error is Stripe.errors.StripeError {
  if (error instanceof StripeCardError) return true;
  if (!(error instanceof StripeInvalidRequestError)) return false;
  return error.param === 'amount' || (error.code !== undefined && notRefundable.has(error.code));
}
