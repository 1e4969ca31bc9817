// How Stripe's statuses and errors read in the port's words, those included that the simulator never brings about.

import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { createPaymentSimulator } from '../../../src/adapters/payments/simulator/simulator.js';
import { intentSnapshot, refundSnapshot } from '../../../src/adapters/payments/stripe-answers.js';
import { changeError, isDeclined, isNotRefundable } from '../../../src/adapters/payments/stripe-errors.js';

/** A real answer to change, so that the rest of it is as the client delivers it. */
async function answers() {
  const simulator = await createPaymentSimulator();
  const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
  const request = { amount: 500, currency: 'gbp', payment_method: 'pm_card_visa', capture_method: 'manual' } as const;
  const { id } = await stripe.paymentIntents.create(request);
  await stripe.paymentIntents.confirm(id);
  const intent = await stripe.paymentIntents.capture(id);
  const refund = await stripe.refunds.create({ payment_intent: id });
  await simulator.close();
  return { intent, refund };
}

describe('an intent', () => {
  it.each([
    ['requires_confirmation', 'created'],
    ['requires_payment_method', 'created'],
    ['requires_action', 'pending'],
    ['processing', 'pending'],
    ['a_status_of_the_future', 'pending'],
    ['requires_capture', 'authorized'],
    ['succeeded', 'captured'],
    ['canceled', 'voided'],
  ])('that is %s is %s', async (status, state) => {
    const { intent } = await answers();
    expect(intentSnapshot({ ...intent, status })).toMatchObject({ state, failure: null });
  });

  it('whose customer could not be authenticated has failed, and says so', async () => {
    const { intent } = await answers();
    const code = 'payment_intent_authentication_failure';
    const last_payment_error = { type: 'invalid_request_error', code, message: 'not authenticated' } as const;
    expect(intentSnapshot({ ...intent, status: 'requires_payment_method', last_payment_error })).toMatchObject({
      state: 'failed',
      failure: { code, message: 'not authenticated' },
    });
  });

  it('whose capture was declined is still authorised, with the reason', async () => {
    const { intent } = await answers();
    const failure = { code: 'generic_decline', message: 'no' };
    expect(intentSnapshot({ ...intent, status: 'requires_capture' }, failure)).toMatchObject({ state: 'authorized', failure });
  });

  it('that Stripe cancelled for want of a capture is voided, and expired', async () => {
    const { intent } = await answers();
    for (const cancellation_reason of ['expired', 'automatic']) {
      expect(intentSnapshot({ ...intent, status: 'canceled', cancellation_reason })).toMatchObject({
        state: 'voided',
        expired: true,
      });
    }
  });
});

describe('a refund', () => {
  it.each([
    ['pending', 'pending'],
    ['requires_action', 'pending'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
  ])('that is %s is %s', async (status, state) => {
    const { refund } = await answers();
    const failure_reason = 'lost_or_stolen_card';
    const snapshot = refundSnapshot('r-1', { ...refund, status, failure_reason });
    expect(snapshot).toMatchObject({ state, failure: state === 'failed' ? { code: failure_reason } : null });
  });
});

describe('an error', () => {
  const { StripeAPIError, StripeInvalidRequestError, StripePermissionError, StripeRateLimitError } = Stripe.errors;
  const invalid = (code: string, param?: string) =>
    new StripeInvalidRequestError({
      type: 'invalid_request_error',
      message: 'no',
      code,
      ...(param === undefined ? {} : { param }),
    });

  it.each([
    [new StripeRateLimitError({ type: 'rate_limit_error', message: 'slow', code: 'lock_timeout', statusCode: 429 }), 'Unavailable'],
    [new StripePermissionError({ type: 'invalid_request_error', message: 'no', statusCode: 403 }), 'GatewayRefused'],
    [invalid('amount_too_small', 'amount'), 'GatewayRefused'],
    [new StripeAPIError({ type: 'api_error', message: 'no', statusCode: 424 }), 'OutcomeUnknown'],
  ])('%s means %s', (error, name) => expect(changeError('capture pi_1', error)).toMatchObject({ name, cause: error }));

  it('that is no error of the gateway’s is passed on as it is', () => {
    const bug = new TypeError('a bug of ours');
    expect(changeError('capture pi_1', bug)).toBe(bug);
  });

  it('tells a capture that came too late from a request that was wrong', () => {
    expect(isDeclined(invalid('charge_expired_for_capture'))).toBe(true);
    expect(isDeclined(invalid('amount_too_large', 'amount_to_capture'))).toBe(false);
  });

  it('tells a charge that cannot be refunded from a request that was wrong', () => {
    expect(isNotRefundable(invalid('charge_disputed'))).toBe(true);
    expect(isNotRefundable(invalid('resource_missing', 'payment_intent'))).toBe(false);
  });
});
