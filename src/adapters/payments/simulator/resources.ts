// The simulator's answers as JSON, in the shapes of Stripe's API reference. Members that this subset has no value for are null.

import type { Fact } from './facts.js';
import { captureBefore, type Intent, type Refund, refunded } from './intent.js';
import { methodOf } from './methods.js';
import type { ErrorBody } from './requests.js';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
/** An intent is confirmed once here, so it has one charge at most, and the charge needs no id of its own. */
const chargeId = (intent: Intent): string => `ch_${intent.id.slice(3)}`;

function renderCharge(intent: Intent): object {
  const deadline = captureBefore(intent);
  const captureBy = deadline === null || intent.status !== 'requires_capture' ? {} : { capture_before: seconds(deadline) };
  return {
    id: chargeId(intent),
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.captured,
    amount_refunded: refunded(intent),
    captured: intent.status === 'succeeded',
    created: seconds(intent.authorizedAt ?? intent.createdAt),
    currency: intent.currency,
    failure_code: intent.failure?.code ?? null,
    failure_message: intent.failure?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    paid: intent.failure === null,
    payment_intent: intent.id,
    payment_method: intent.method,
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', last4: methodOf(intent.method).last4, ...captureBy },
    },
    refunded: intent.captured > 0 && refunded(intent) === intent.captured,
    status: intent.failure === null ? 'succeeded' : 'failed',
  };
}

/** What went wrong with the confirmation. Without a bank there was no charge. */
function failureError(intent: Intent): ErrorBody | null {
  if (intent.failure === null) return null;
  const { code, declineCode, message } = intent.failure;
  if (declineCode === null) return { type: 'invalid_request_error', code, message };
  return { type: 'card_error', code, decline_code: declineCode, charge: chargeId(intent), message };
}

export function renderIntent(intent: Intent, expandsCharge: boolean): object {
  const charged = intent.authorizedAt !== null || typeof intent.failure?.declineCode === 'string';
  const attached = intent.status !== 'requires_payment_method' && intent.failure === null;
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: ['card'],
    amount: intent.amount,
    amount_capturable: intent.status === 'requires_capture' ? intent.amount : 0,
    amount_received: intent.captured,
    canceled_at: intent.canceledAt === null ? null : seconds(intent.canceledAt),
    cancellation_reason: intent.cancellationReason,
    capture_method: 'manual',
    client_secret: `${intent.id}_secret_simulated`,
    confirmation_method: 'automatic',
    created: seconds(intent.createdAt),
    currency: intent.currency,
    customer: null,
    description: null,
    last_payment_error: failureError(intent),
    latest_charge: charged ? (expandsCharge ? renderCharge(intent) : chargeId(intent)) : null,
    livemode: false,
    metadata: intent.metadata,
    next_action: intent.status === 'requires_action' ? { type: 'use_stripe_sdk', use_stripe_sdk: {} } : null,
    payment_method: attached ? intent.method : null,
    payment_method_types: ['card'],
    processing: null,
    status: intent.status,
  };
}

export function renderRefund(intent: Intent, refund: Refund): object {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    charge: chargeId(intent),
    created: seconds(refund.at),
    currency: intent.currency,
    metadata: refund.metadata,
    payment_intent: intent.id,
    reason: null,
    status: refund.status,
    ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
  };
}

/** The server's own error, as Stripe words it: it says nothing of what was done. */
export const brokenDown: Answer = {
  status: 500,
  body: { error: { type: 'api_error', message: 'Something went wrong on our side.' } },
};

/** What the request that led to this fact is answered, now and under its key later. `intent` is the state right after the fact. */
export function answerTo(fact: Fact, intent: Intent, expandsCharge: boolean): Answer {
  const shown = () => ({ payment_intent: renderIntent(intent, false) });
  switch (fact.type) {
    case 'declined':
      return { status: 402, body: { error: { ...failureError(intent), ...shown() } } };
    case 'captureDeclined': {
      const { code, declineCode, message } = fact;
      const error = { type: 'card_error', code, decline_code: declineCode, charge: chargeId(intent), message };
      return { status: 402, body: { error: { ...error, ...shown() } } };
    }
    case 'refused': {
      const { code, param, message } = fact;
      const where = { ...(code === null ? {} : { code }), ...(param === null ? {} : { param }) };
      const state = code === 'payment_intent_unexpected_state' ? shown() : {};
      return { status: 400, body: { error: { type: 'invalid_request_error', ...where, message, ...state } } };
    }
    case 'refunded':
    case 'refundSettled': {
      const refund = intent.refunds.find(({ id }) => id === fact.refund);
      return { status: 200, body: refund === undefined ? {} : renderRefund(intent, refund) };
    }
    default:
      return { status: 200, body: renderIntent(intent, expandsCharge) };
  }
}
