// The payment gateway behind Stripe's API, by the official client: Stripe itself, or the simulator. Each call is tried once; retries,
// breaker and bulkhead stand around it.

import Stripe from 'stripe';
import type { IntentSnapshot, PaymentGateway, RefundSnapshot } from '../../commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import { toStripeAmount } from './amounts.js';
import { failureOf, intentSnapshot, refundSnapshot } from './stripe-answers.js';
import { changeError, isDeclined, isNotRefundable, isUnexpectedState, readError } from './stripe-errors.js';
import { createTransport } from './transport.js';

export interface StripeGatewayOptions {
  readonly apiKey: string;
  /** Scheme, host and port of a server that speaks Stripe's API. */
  readonly apiBase?: string;
  /** For one request, from waiting for a connection to the last byte of the answer. */
  readonly timeoutMs?: number;
  /** What events call the gateway. */
  readonly name?: string;
}

const withCharge = { expand: ['latest_charge'] };

/**
 * Calls the client. It takes a stack trace at every call, in case it has to name the caller in an error, which costs a fifth of the
 * call; the port's errors name what was being done.
 */
function call<T>(ask: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return ask();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A gateway over Stripe's API. It connects when it is first asked; `close` closes what it keeps open. */
export function createStripeGateway(options: StripeGatewayOptions): PaymentGateway & { close(): void } {
  const { apiKey, apiBase = 'https://api.stripe.com', timeoutMs = 10_000, name = 'stripe' } = options;
  const transport = createTransport(new URL(apiBase).origin);
  const stripe = new Stripe(apiKey, {
    httpClient: transport,
    timeout: timeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
  });

  async function retrieve(intentId: string): Promise<IntentSnapshot> {
    try {
      return intentSnapshot(await call(() => stripe.paymentIntents.retrieve(intentId, withCharge)));
    } catch (error) {
      throw readError(`retrieve ${intentId}`, error);
    }
  }

  /** Within a change that was refused because of what had become of the intent: if that cannot be learnt, neither can the outcome. */
  async function lookUp<T>(doing: string, read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      throw new OutcomeUnknown(`It is not known what came of the request to ${doing}: ${error.message}`, { cause: error });
    }
  }

  async function change(operation: string, intentId: string, ask: () => Promise<Stripe.PaymentIntent>): Promise<IntentSnapshot> {
    const doing = `${operation} ${intentId}`;
    try {
      return intentSnapshot(await call(ask));
    } catch (error) {
      if (isUnexpectedState(error)) return lookUp(doing, retrieve(intentId));
      if (!isDeclined(error)) throw changeError(doing, error);
      const failure = failureOf(error);
      if (error.payment_intent !== undefined) return intentSnapshot(error.payment_intent, failure);
      return { ...(await lookUp(doing, retrieve(intentId))), failure };
    }
  }

  async function findRefund({ intentId, refundId }: { intentId: string; refundId: string }): Promise<RefundSnapshot | null> {
    try {
      for await (const refund of stripe.refunds.list({ payment_intent: intentId, limit: 100 })) {
        if (refund.metadata?.refundId === refundId) return refundSnapshot(refundId, refund);
      }
      return null;
    } catch (error) {
      throw readError(`find refund ${refundId} of ${intentId}`, error);
    }
  }

  return {
    name,
    retrieve,
    findRefund,

    async create({ paymentId, orderId, amount, currency, method, idempotencyKey }) {
      try {
        const request: Stripe.PaymentIntentCreateParams = {
          amount: toStripeAmount(amount, currency),
          currency: currency.toLowerCase(),
          payment_method: method,
          allowed_payment_method_types: ['card'],
          capture_method: 'manual',
          metadata: { paymentId, orderId },
        };
        return intentSnapshot(await call(() => stripe.paymentIntents.create(request, { idempotencyKey })));
      } catch (error) {
        throw changeError(`create an intent for payment ${paymentId}`, error);
      }
    },

    confirm: ({ intentId, idempotencyKey }) =>
      change('confirm', intentId, () => stripe.paymentIntents.confirm(intentId, withCharge, { idempotencyKey })),

    async capture({ intentId, amount, currency, idempotencyKey }) {
      const request = { amount_to_capture: toStripeAmount(amount, currency) };
      return change('capture', intentId, () => stripe.paymentIntents.capture(intentId, request, { idempotencyKey }));
    },

    cancel: ({ intentId, idempotencyKey }) =>
      change('cancel', intentId, () => stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey })),

    async refund({ intentId, refundId, amount, currency, idempotencyKey }) {
      const doing = `refund ${amount} ${currency} of ${intentId}`;
      try {
        const request = { payment_intent: intentId, amount: toStripeAmount(amount, currency), metadata: { refundId } };
        return refundSnapshot(refundId, await call(() => stripe.refunds.create(request, { idempotencyKey })));
      } catch (error) {
        if (!isNotRefundable(error)) throw changeError(doing, error);
        const made = await lookUp(doing, findRefund({ intentId, refundId }));
        return made ?? { refundId, gatewayRefundId: null, state: 'failed', amount, failure: failureOf(error) };
      }
    },

    close: () => transport.close(),
  };
}
