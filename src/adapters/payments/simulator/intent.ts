// A payment intent as the simulator keeps it: what the ledger records about one, and what follows from it. Pure; the states and their
// transitions are Stripe's (docs.stripe.com/payments/paymentintents/lifecycle), for cards that are captured by hand.

import { z } from 'zod';
import { Corrupt } from '../../../domain/log/errors.js';
import { methods } from './methods.js';

// ── Facts ───────────────────────────────────────────────────────────────────────────────────────

const metadata = z.record(z.string(), z.string());
const id = { intent: z.string() };

export const fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('created'), ...id, amount: z.int(), currency: z.string(), method: z.string(), metadata }),
  z.object({ type: z.literal('authorized'), ...id }),
  z.object({ type: z.literal('declined'), ...id, code: z.string(), declineCode: z.string(), message: z.string() }),
  z.object({ type: z.literal('captured'), ...id, amount: z.int() }),
  z.object({ type: z.literal('canceled'), ...id, reason: z.string().nullable() }),
  z.object({ type: z.literal('refunded'), ...id, refund: z.string(), amount: z.int(), metadata }),
  /** Nothing changed; kept because the answer is kept under its key. */
  z.object({ type: z.literal('refused'), ...id, code: z.string().nullable(), param: z.string().nullable(), message: z.string() }),
]);
export type Fact = z.infer<typeof fact>;
export type Metadata = z.infer<typeof metadata>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export interface Refund {
  readonly id: string;
  readonly amount: number;
  readonly metadata: Metadata;
  readonly at: number;
}

export interface Intent {
  readonly id: string;
  readonly status: 'requires_confirmation' | 'requires_payment_method' | 'requires_capture' | 'succeeded' | 'canceled';
  readonly amount: number;
  /** As the API writes it: lower case. */
  readonly currency: string;
  readonly method: string;
  readonly metadata: Metadata;
  /** Times are milliseconds since the epoch. */
  readonly createdAt: number;
  readonly authorizedAt: number | null;
  readonly captured: number;
  readonly decline: { readonly code: string; readonly declineCode: string; readonly message: string } | null;
  readonly canceledAt: number | null;
  readonly cancellationReason: string | null;
  /** Oldest first. */
  readonly refunds: readonly Refund[];
}

/** A card authorisation holds for seven days (docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
const authorizationLasts = 7 * 24 * 60 * 60 * 1000;

export const captureBefore = (intent: Intent): number | null =>
  intent.authorizedAt === null ? null : intent.authorizedAt + authorizationLasts;
export const refunded = (intent: Intent): number => intent.refunds.reduce((sum, refund) => sum + refund.amount, 0);

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
      decline: null,
      canceledAt: null,
      cancellationReason: null,
      refunds: [],
    };
  }
  if (intent === undefined) throw new Corrupt(`The ledger says "${fact.type}" of ${fact.intent}, which it never created.`);
  switch (fact.type) {
    case 'authorized':
      return { ...intent, status: 'requires_capture', authorizedAt: at };
    case 'declined':
      return { ...intent, status: 'requires_payment_method', decline: fact };
    case 'captured':
      return { ...intent, status: 'succeeded', captured: fact.amount };
    case 'canceled':
      return { ...intent, status: 'canceled', canceledAt: at, cancellationReason: fact.reason };
    case 'refunded': {
      const { refund: id, amount, metadata } = fact;
      return { ...intent, refunds: [...intent.refunds, { id, amount, metadata, at }] };
    }
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

/** What has to be recorded before anything else is asked of the intent: the gateway cancels what nobody captured in time. */
export function lapse(intent: Intent, now: number): Fact | null {
  const deadline = captureBefore(intent);
  return intent.status === 'requires_capture' && deadline !== null && now >= deadline
    ? { type: 'canceled', intent: intent.id, reason: 'expired' }
    : null;
}

export function confirm(intent: Intent): Fact {
  if (intent.status !== 'requires_confirmation') return unexpectedState(intent, 'confirmed');
  const decline = methods.get(intent.method)?.declines ?? null;
  if (decline === null) return { type: 'authorized', intent: intent.id };
  return { type: 'declined', intent: intent.id, ...decline };
}

/** Captures the amount, or all of it; the rest of the authorisation is released. */
export function capture(intent: Intent, amount: number | null): Fact {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'captured');
  if (amount !== null && amount > intent.amount) {
    const message = `The amount ${amount} is greater than the ${intent.amount} that can be captured.`;
    return refused(intent, 'amount_too_large', 'amount_to_capture', message);
  }
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
  return { type: 'refunded', intent: intent.id, refund: refundId, amount: amount ?? left, metadata };
}
