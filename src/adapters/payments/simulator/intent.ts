// A payment intent as the simulator keeps it, and what may happen to one. Pure; the states and their transitions are Stripe's
// (docs.stripe.com/payments/paymentintents/lifecycle), for cards that are captured by hand.

import { Corrupt } from '../../../domain/log/errors.js';
import type { Fact, Metadata } from './facts.js';
import { methodOf } from './methods.js';

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export interface Refund {
  readonly id: string;
  readonly amount: number;
  readonly metadata: Metadata;
  readonly at: number;
  readonly status: 'succeeded' | 'pending' | 'failed';
  readonly failureReason: string | null;
  /** Whether what was to become of it later has. */
  readonly settled: boolean;
}

export interface Intent {
  readonly id: string;
  readonly status:
    | 'requires_confirmation'
    | 'requires_action'
    | 'requires_payment_method'
    | 'requires_capture'
    | 'succeeded'
    | 'canceled';
  readonly amount: number;
  /** As the API writes it: lower case. */
  readonly currency: string;
  readonly method: string;
  readonly metadata: Metadata;
  /** Times are milliseconds since the epoch. */
  readonly createdAt: number;
  readonly authorizedAt: number | null;
  readonly captured: number;
  /** Why the confirmation came to nothing; without a `declineCode` no bank was asked. */
  readonly failure: { readonly code: string; readonly declineCode: string | null; readonly message: string } | null;
  readonly canceledAt: number | null;
  readonly cancellationReason: string | null;
  /** Oldest first. */
  readonly refunds: readonly Refund[];
}

/** A card authorisation holds for seven days (docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
const authorizationLasts = 7 * 24 * 60 * 60 * 1000;

export const captureBefore = (intent: Intent): number | null =>
  intent.authorizedAt === null ? null : intent.authorizedAt + authorizationLasts;

/** What was given back, or is on its way; a refund that failed gave nothing back. */
export const refunded = (intent: Intent): number =>
  intent.refunds.reduce((sum, refund) => sum + (refund.status === 'failed' ? 0 : refund.amount), 0);

const notAuthenticated = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  message: 'The provided PaymentMethod has failed authentication.',
};

/** The intent after the fact. `undefined` is an intent that does not exist yet. */
export function evolve(intent: Intent | undefined, fact: Fact, at: number): Intent {
  if (fact.type === 'created') {
    const { intent: id, amount, currency, method, metadata } = fact;
    return {
      id,
      status: 'requires_confirmation',
      amount,
      currency,
      method,
      metadata,
      createdAt: at,
      authorizedAt: null,
      captured: 0,
      failure: null,
      canceledAt: null,
      cancellationReason: null,
      refunds: [],
    };
  }
  if (intent === undefined) throw new Corrupt(`The ledger says "${fact.type}" of ${fact.intent}, which it never created.`);
  switch (fact.type) {
    case 'actionRequired':
      return { ...intent, status: 'requires_action' };
    case 'notAuthenticated':
      return { ...intent, status: 'requires_payment_method', failure: notAuthenticated };
    case 'authorized':
      return { ...intent, status: 'requires_capture', authorizedAt: at };
    case 'declined': {
      const { code, declineCode, message } = fact;
      return { ...intent, status: 'requires_payment_method', failure: { code, declineCode, message } };
    }
    case 'captured':
      return { ...intent, status: 'succeeded', captured: fact.amount };
    case 'canceled':
      return { ...intent, status: 'canceled', canceledAt: at, cancellationReason: fact.reason };
    case 'refunded': {
      const { refund: id, amount, metadata, status } = fact;
      const refund: Refund = { id, amount, metadata, at, status, failureReason: null, settled: false };
      return { ...intent, refunds: [...intent.refunds, refund] };
    }
    case 'refundSettled': {
      const { status, reason: failureReason } = fact;
      const settle = (refund: Refund): Refund =>
        refund.id === fact.refund ? { ...refund, status, failureReason, settled: true } : refund;
      return { ...intent, refunds: intent.refunds.map(settle) };
    }
    case 'captureDeclined':
    case 'refused':
      return intent;
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

const refused = (intent: Intent, code: string | null, param: string | null, message: string): Fact => ({
  type: 'refused',
  intent: intent.id,
  code,
  param,
  message,
});

const unexpectedState = (intent: Intent, action: string): Fact =>
  refused(
    intent,
    'payment_intent_unexpected_state',
    null,
    `This PaymentIntent could not be ${action}: its status is ${intent.status}.`,
  );

/**
 * What has to be recorded before anything else is asked of the intent, once what was recorded last is; `null` if nothing has come due:
 * the gateway cancels what nobody captured in time, and banks settle refunds some time after they were made.
 */
export function lapse(intent: Intent, now: number, refundSettlesMs: number): Fact | null {
  const deadline = captureBefore(intent);
  if (intent.status === 'requires_capture' && deadline !== null && now >= deadline)
    return { type: 'canceled', intent: intent.id, reason: 'expired' };
  const { later } = methodOf(intent.method).refund;
  if (later === null) return null;
  const due = intent.refunds.find(({ settled, at }) => !settled && now >= at + refundSettlesMs);
  return due === undefined ? null : { type: 'refundSettled', intent: intent.id, refund: due.id, ...later };
}

export function confirm(intent: Intent): Fact {
  if (intent.status !== 'requires_confirmation') return unexpectedState(intent, 'confirmed');
  const says = methodOf(intent.method).confirm;
  if (says === 'granted') return { type: 'authorized', intent: intent.id };
  if (says === 'customer-first') return { type: 'actionRequired', intent: intent.id };
  return { type: 'declined', intent: intent.id, ...says };
}

/** What the customer did when the bank wanted to see them. */
export function authenticate(intent: Intent, succeeded: boolean): Fact {
  if (intent.status !== 'requires_action') return unexpectedState(intent, 'authenticated');
  return { type: succeeded ? 'authorized' : 'notAuthenticated', intent: intent.id };
}

/** Captures the amount, or all of it; the rest of the authorisation is released. */
export function capture(intent: Intent, amount: number | null): Fact {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'captured');
  if (amount !== null && amount > intent.amount) {
    const message = `The amount ${amount} is greater than the ${intent.amount} that can be captured.`;
    return refused(intent, 'amount_too_large', 'amount_to_capture', message);
  }
  const says = methodOf(intent.method).capture;
  if (says !== 'granted') return { type: 'captureDeclined', intent: intent.id, ...says };
  return { type: 'captured', intent: intent.id, amount: amount ?? intent.amount };
}

export function cancel(intent: Intent, reason: string | null): Fact {
  if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpectedState(intent, 'canceled');
  return { type: 'canceled', intent: intent.id, reason };
}

/** Refunds the amount, or what is left of the charge. */
export function refund(intent: Intent, refundId: string, amount: number | null, metadata: Metadata): Fact {
  if (intent.status !== 'succeeded') return unexpectedState(intent, 'refunded');
  const left = intent.captured - refunded(intent);
  if (left === 0) return refused(intent, 'charge_already_refunded', null, 'The charge has already been refunded.');
  if (amount !== null && amount > left) {
    return refused(intent, null, 'amount', `Refund amount (${amount}) is greater than unrefunded amount on charge (${left}).`);
  }
  const { first: status } = methodOf(intent.method).refund;
  return { type: 'refunded', intent: intent.id, refund: refundId, amount: amount ?? left, metadata, status };
}

/** What the bank at the other end did with a refund: one that is pending succeeds or fails, one that succeeded may be returned. */
export function settleRefund(intent: Intent, refundId: string, succeeded: boolean): Fact {
  const status = intent.refunds.find(({ id }) => id === refundId)?.status;
  if (status === 'pending' && succeeded)
    return { type: 'refundSettled', intent: intent.id, refund: refundId, status: 'succeeded', reason: null };
  if ((status === 'pending' || status === 'succeeded') && !succeeded) {
    return { type: 'refundSettled', intent: intent.id, refund: refundId, status: 'failed', reason: 'expired_or_canceled_card' };
  }
  return refused(intent, 'refund_unexpected_state', null, `The refund ${refundId} could not be settled: its status is ${status}.`);
}
