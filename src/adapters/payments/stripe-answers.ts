// What Stripe's objects say, in the port's words.

import type Stripe from 'stripe';
import type { GatewayFailure, IntentSnapshot, IntentState, RefundSnapshot, RefundState } from '../../commands/payment-gateway.js';
import { fromStripeAmount } from './amounts.js';

function stateOf(intent: Stripe.PaymentIntent): IntentState {
  switch (intent.status) {
    case 'requires_confirmation':
      return 'created';
    case 'requires_payment_method':
      return intent.last_payment_error === null ? 'created' : 'failed';
    case 'requires_capture':
      return 'authorized';
    case 'succeeded':
      return 'captured';
    case 'canceled':
      return 'voided';
    default:
      // requires_action, processing, and what Stripe may add: neither done nor over.
      return 'pending';
  }
}

/** A decline's own code says more than `card_declined` (docs.stripe.com/declines/codes). */
export function failureOf(error: {
  readonly code?: string;
  readonly decline_code?: string;
  readonly message?: string;
}): GatewayFailure {
  return { code: error.decline_code || error.code || 'unknown', message: error.message ?? 'The gateway gave no reason.' };
}

function captureBefore({ status, latest_charge: charge }: Stripe.PaymentIntent): string | null {
  if (status !== 'requires_capture' || charge === null || typeof charge === 'string') return null;
  const seconds = charge.payment_method_details?.card?.capture_before;
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}

/** The intent as Stripe shows it; `failure` if the request that brought it was declined. */
export function intentSnapshot(intent: Stripe.PaymentIntent, failure: GatewayFailure | null = null): IntentSnapshot {
  const { id: intentId, amount, amount_received, currency, cancellation_reason, last_payment_error } = intent;
  return {
    intentId,
    state: stateOf(intent),
    amount: fromStripeAmount(amount, currency),
    amountCaptured: fromStripeAmount(amount_received, currency),
    captureBefore: captureBefore(intent),
    // `automatic` was the word before API version 2025-03-31.
    expired: cancellation_reason === 'expired' || cancellation_reason === 'automatic',
    failure: failure ?? (last_payment_error === null ? null : failureOf(last_payment_error)),
  };
}

function refundState(status: string | null): RefundState {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

/** The refund as Stripe shows it. */
export function refundSnapshot(refundId: string, refund: Stripe.Refund): RefundSnapshot {
  const { id: gatewayRefundId, amount, currency, status, failure_reason: reason } = refund;
  const state = refundState(status);
  const failure =
    state === 'failed' ? { code: reason ?? status ?? 'failed', message: `The gateway says that the refund ${status}.` } : null;
  return { refundId, gatewayRefundId, state, amount: fromStripeAmount(amount, currency), failure };
}
