// The simulator's answers as JSON, in the shapes of Stripe's API reference. Members that this subset has no value for are null.

import { captureBefore, type Fact, type Intent, type Refund, refunded } from './intent.js';
import { methods } from './methods.js';
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
    failure_code: intent.decline?.code ?? null,
    failure_message: intent.decline?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    paid: intent.decline === null,
    payment_intent: intent.id,
    payment_method: intent.method,
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', last4: methods.get(intent.method)?.last4 ?? null, ...captureBy },
    },
    refunded: intent.captured > 0 && refunded(intent) === intent.captured,
    status: intent.decline === null ? 'succeeded' : 'failed',
  };
}

function declineError(intent: Intent): ErrorBody | null {
  if (intent.decline === null) return null;
  const { code, declineCode, message } = intent.decline;
  return { type: 'card_error', code, decline_code: declineCode, charge: chargeId(intent), message };
}

export function renderIntent(intent: Intent, expandsCharge: boolean): object {
  const charged = intent.authorizedAt !== null || intent.decline !== null;
  const attached = intent.status !== 'requires_payment_method' && intent.decline === null;
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
    last_payment_error: declineError(intent),
    latest_charge: charged ? (expandsCharge ? renderCharge(intent) : chargeId(intent)) : null,
    livemode: false,
    metadata: intent.metadata,
    next_action: null,
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
    status: 'succeeded',
  };
}

/** What the request that led to this fact is answered, now and under its key later. `intent` is the state right after the fact. */
export function answerTo(fact: Fact, intent: Intent, expandsCharge: boolean): Answer {
  if (fact.type === 'declined') {
    return { status: 402, body: { error: { ...declineError(intent), payment_intent: renderIntent(intent, false) } } };
  }
  if (fact.type === 'refunded') {
    const refund = intent.refunds.at(-1);
    if (refund !== undefined) return { status: 200, body: renderRefund(intent, refund) };
  }
  if (fact.type === 'refused') {
    const { code, param, message } = fact;
    const shown = code === 'payment_intent_unexpected_state' ? { payment_intent: renderIntent(intent, false) } : {};
    const where = { ...(code === null ? {} : { code }), ...(param === null ? {} : { param }) };
    return { status: 400, body: { error: { type: 'invalid_request_error', ...where, message, ...shown } } };
  }
  return { status: 200, body: renderIntent(intent, expandsCharge) };
}
