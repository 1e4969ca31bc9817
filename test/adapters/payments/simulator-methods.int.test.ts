// The simulator's payment methods beyond grant and decline: what each promises, seen by the platform's gateway over the wire.

import { describe, expect, it } from 'vitest';
import { usualTimes } from '../../../src/adapters/payments/simulator/wire.js';
import { amount, currency, simulated } from './simulated.js';

describe('a card that asks for the customer', () => {
  const method = 'pm_card_authenticationRequired';
  const waiting = async () => {
    const world = await simulated();
    const { intentId } = await world.create(method);
    const confirmation = { intentId, idempotencyKey: 'confirm' };
    return { ...world, intentId, confirmation, pending: await world.gateway.confirm(confirmation) };
  };

  it('is pending once confirmed, holds nothing, and stays so until they act', async () => {
    const { gateway, stripe, intentId, confirmation, pending, summary } = await waiting();
    expect(pending).toMatchObject({ state: 'pending', captureBefore: null, failure: null });
    expect(await stripe.paymentIntents.retrieve(intentId)).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk' },
      latest_charge: null,
    });
    expect(await gateway.confirm(confirmation)).toEqual(pending);
    expect(await gateway.confirm({ intentId, idempotencyKey: 'another' })).toEqual(pending);
    expect(await gateway.capture({ intentId, amount, currency, idempotencyKey: 'capture' })).toEqual(pending);
    expect(await summary()).toMatchObject({ intents: 1, charges: 0, declined: 0, held: 0 });
  });

  it('is authorised when they authenticate, and can be captured', async () => {
    const { gateway, intentId, authenticate, summary } = await waiting();
    expect(await authenticate(intentId, 'succeed')).toMatchObject({ status: 200, body: { status: 'requires_capture' } });
    const authorized = await gateway.retrieve(intentId);
    expect(authorized).toMatchObject({ state: 'authorized', captureBefore: expect.any(String), failure: null });
    expect(await summary()).toMatchObject({ charges: 1, held: amount });
    expect(await gateway.capture({ intentId, amount, currency, idempotencyKey: 'capture' })).toMatchObject({ state: 'captured' });
  });

  it('has failed when they do not, says why, and can be closed', async () => {
    const { gateway, stripe, intentId, authenticate, summary } = await waiting();
    expect(await authenticate(intentId, 'fail')).toMatchObject({ status: 200, body: { status: 'requires_payment_method' } });
    expect(await gateway.retrieve(intentId)).toMatchObject({
      state: 'failed',
      failure: { code: 'payment_intent_authentication_failure', message: expect.stringMatching(/authentication/) },
    });
    expect((await stripe.paymentIntents.retrieve(intentId)).latest_charge).toBeNull();
    expect(await summary()).toMatchObject({ charges: 0, declined: 1, held: 0 });
    expect(await gateway.cancel({ intentId, idempotencyKey: 'close' })).toMatchObject({ state: 'voided' });
  });

  it('can be cancelled while it waits; then it is too late for them', async () => {
    const { gateway, intentId, authenticate, summary } = await waiting();
    expect(await gateway.cancel({ intentId, idempotencyKey: 'cancel' })).toMatchObject({ state: 'voided', expired: false });
    expect(await authenticate(intentId, 'succeed')).toMatchObject({ status: 400 });
    expect(await gateway.retrieve(intentId)).toMatchObject({ state: 'voided' });
    expect(await summary()).toMatchObject({ charges: 0, held: 0, voided: 0 });
  });

  it('knows two outcomes and its own intents, and says so', async () => {
    const { intentId, authenticate } = await waiting();
    expect(await authenticate(intentId, 'perhaps')).toMatchObject({ status: 400, body: { error: { param: 'outcome' } } });
    expect(await authenticate('pi_nobody', 'succeed')).toMatchObject({ status: 404 });
  });
});

describe('a refund', () => {
  const refundOf = ({ intentId }: { intentId: string }, id = 'r-1') => {
    return { intentId, refundId: id, amount, currency, idempotencyKey: `refund ${id}` };
  };

  it('that is pending first succeeds after its time, and is looked up as such', async () => {
    let now = Date.now();
    const { gateway, stripe, captured, summary } = await simulated({ now: () => now });
    const intent = await captured('pm_card_pendingRefund');
    const refund = await gateway.refund(refundOf(intent));
    expect(refund).toMatchObject({ state: 'pending', failure: null });
    now += usualTimes.refundSettlesMs - 1;
    expect(await gateway.findRefund(refundOf(intent))).toEqual(refund);
    expect(await summary()).toMatchObject({ captured: amount, refunded: amount });
    now += 1;
    expect(await gateway.findRefund(refundOf(intent))).toEqual({ ...refund, state: 'succeeded' });
    expect(await stripe.refunds.retrieve(refund.gatewayRefundId ?? '')).toMatchObject({ status: 'succeeded' });
    expect(await gateway.refund(refundOf(intent)), 'the first answer under the key').toEqual(refund);
  });

  it('that is pending succeeds or fails when the bank says so', async () => {
    for (const outcome of ['succeed', 'fail']) {
      const { gateway, captured, settle } = await simulated();
      const intent = await captured('pm_card_pendingRefund');
      const { gatewayRefundId } = await gateway.refund(refundOf(intent));
      const state = outcome === 'succeed' ? 'succeeded' : 'failed';
      expect(await settle(gatewayRefundId, outcome)).toMatchObject({ status: 200, body: { status: state } });
      expect(await gateway.findRefund(refundOf(intent))).toMatchObject({ state });
    }
  });

  it('that succeeded may fail later: it gave nothing back, and can be made again', async () => {
    let now = Date.now();
    const { gateway, stripe, captured, summary, ledger } = await simulated({ now: () => now });
    const intent = await captured('pm_card_refundFail');
    expect(await gateway.refund(refundOf(intent))).toMatchObject({ state: 'succeeded' });
    expect(await summary()).toMatchObject({ refunded: amount });
    now += usualTimes.refundSettlesMs;
    expect(await summary(), 'the audit comes first').toMatchObject({ captured: amount, refunded: 0 });
    expect(await gateway.findRefund(refundOf(intent))).toMatchObject({
      state: 'failed',
      failure: { code: 'expired_or_canceled_card' },
    });
    const charge = (await stripe.paymentIntents.retrieve(intent.intentId, { expand: ['latest_charge'] })).latest_charge;
    expect(charge).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(await gateway.refund(refundOf(intent, 'r-2'))).toMatchObject({ state: 'succeeded' });
    expect((await ledger())[0]?.refunds.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  });

  it('on any card may be returned by the bank, once', async () => {
    const { gateway, captured, settle, summary } = await simulated();
    const intent = await captured('pm_card_visa');
    const { gatewayRefundId } = await gateway.refund(refundOf(intent));
    expect(await settle(gatewayRefundId, 'succeed'), 'it has').toMatchObject({ status: 400 });
    expect(await settle(gatewayRefundId, 'fail')).toMatchObject({ status: 200, body: { status: 'failed' } });
    expect(await settle(gatewayRefundId, 'fail'), 'it has').toMatchObject({ status: 400 });
    expect(await settle('re_nobody', 'fail')).toMatchObject({ status: 404 });
    expect(await summary()).toMatchObject({ captured: amount, refunded: 0 });
  });
});

describe('pm_sim_capture_fails', () => {
  it('is held, cannot be captured for good, and can be cancelled', async () => {
    const { gateway, stripe, authorized, summary } = await simulated();
    const { intentId } = await authorized('pm_sim_capture_fails');
    const capture = (key: string) => gateway.capture({ intentId, amount, currency, idempotencyKey: key });
    const declined = await capture('capture 1');
    expect(declined).toMatchObject({ state: 'authorized', amountCaptured: 0, failure: { code: 'generic_decline' } });
    expect(await capture('capture 1')).toEqual(declined);
    expect(await capture('capture 2')).toEqual(declined);
    expect(await gateway.retrieve(intentId)).toMatchObject({ state: 'authorized', failure: null });
    const raw = await stripe.paymentIntents.capture(intentId).catch((error: unknown) => error);
    expect(raw).toMatchObject({ statusCode: 402, type: 'StripeCardError', payment_intent: { status: 'requires_capture' } });
    expect(await summary()).toMatchObject({ charges: 1, declined: 0, held: amount, captured: 0 });
    expect(await gateway.cancel({ intentId, idempotencyKey: 'cancel' })).toMatchObject({ state: 'voided' });
    expect(await summary()).toMatchObject({ held: 0, captured: 0, voided: amount });
  });
});

describe('pm_sim_slow', () => {
  it('takes longer than a caller likes to wait, and shorter than it does', () => {
    expect(usualTimes.slowMs).toBeGreaterThan(2_000);
    expect(usualTimes.slowMs).toBeLessThan(10_000);
  });

  it('is authorised in the end; meanwhile its key is in use, and nothing is held', async () => {
    const { gateway, create, ledger } = await simulated({ times: { slowMs: 1_000 } });
    const { intentId } = await create('pm_sim_slow');
    const confirmation = { intentId, idempotencyKey: 'confirm' };
    const both = [gateway.confirm(confirmation), gateway.confirm(confirmation)];
    await expect(Promise.race(both)).rejects.toMatchObject({
      name: 'OutcomeUnknown',
      message: expect.stringMatching(/409.*still being carried out/),
    });
    expect(await ledger()).toMatchObject([{ status: 'requires_confirmation', charged: false }]);
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await gateway.confirm(confirmation)).toMatchObject({ state: 'authorized' });
    expect(await ledger()).toMatchObject([{ status: 'requires_capture', charged: true }]);
  });

  it('that was cancelled meanwhile is not authorised', async () => {
    const { gateway, create, ledger } = await simulated({ times: { slowMs: 1_000 } });
    const { intentId } = await create('pm_sim_slow');
    const confirmed = gateway.confirm({ intentId, idempotencyKey: 'confirm' });
    expect(await gateway.cancel({ intentId, idempotencyKey: 'cancel' })).toMatchObject({ state: 'voided' });
    expect(await confirmed).toMatchObject({ state: 'voided' });
    expect(await ledger()).toMatchObject([{ status: 'canceled', charged: false }]);
  });

  it('is given up when the simulator stops: nothing was done', async () => {
    const { gateway, create, close } = await simulated({ times: { slowMs: 60_000 } });
    const { intentId } = await create('pm_sim_slow');
    const confirmed = gateway.confirm({ intentId, idempotencyKey: 'confirm' }).catch((error: unknown) => error);
    await expect(gateway.confirm({ intentId, idempotencyKey: 'confirm' })).rejects.toThrow(/409/);
    await close();
    expect(await confirmed).toMatchObject({ name: 'OutcomeUnknown' });
  });
});

describe('pm_sim_reply_lost', () => {
  it('carries out every change for good and loses its reply; the same key brings it, and nothing is done twice', async () => {
    const { gateway, creation, ledger, summary } = await simulated();
    /** Asks, and asks again. */
    const twice = async <T>(ask: () => Promise<T>): Promise<T> => {
      await expect(ask()).rejects.toMatchObject({ name: 'OutcomeUnknown' });
      return ask();
    };
    const { intentId } = await twice(() => gateway.create(creation('pm_sim_reply_lost')));
    const confirmed = await twice(() => gateway.confirm({ intentId, idempotencyKey: 'confirm' }));
    expect(confirmed).toMatchObject({ state: 'authorized' });
    const capture = { intentId, amount, currency, idempotencyKey: 'capture' };
    expect(await twice(() => gateway.capture(capture))).toMatchObject({ state: 'captured' });
    const refund = { ...capture, refundId: 'r-1', amount: 500, idempotencyKey: 'refund' };
    expect(await twice(() => gateway.refund(refund))).toMatchObject({ state: 'succeeded' });
    expect(await ledger()).toMatchObject([{ intentId, charged: true, captured: amount, refunded: 500, refunds: [{}] }]);
    const other = await twice(() => gateway.create(creation('pm_sim_reply_lost', 'p-2')));
    const cancelled = await twice(() => gateway.cancel({ intentId: other.intentId, idempotencyKey: 'cancel' }));
    expect(cancelled).toMatchObject({ state: 'voided' });
    expect(await summary()).toMatchObject({ intents: 2, charges: 1, captured: amount, refunded: 500, held: 0 });
  });
});

describe('pm_sim_outage', () => {
  it('answers nothing for a while after its creation and does nothing either, as if the gateway were gone; then all works', async () => {
    let now = Date.now();
    const { gateway, create, creation, ledger } = await simulated({ now: () => now });
    const intent = await create('pm_sim_outage');
    const { intentId } = intent;
    const confirmation = { intentId, idempotencyKey: 'confirm' };
    now += usualTimes.outageMs - 1;
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await expect(gateway.cancel({ intentId, idempotencyKey: 'cancel' })).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await expect(gateway.retrieve(intentId)).rejects.toMatchObject({ name: 'Unavailable' });
    await expect(gateway.findRefund({ intentId, refundId: 'r-1' })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await gateway.create(creation('pm_sim_outage')), 'its creation is answered').toEqual(intent);
    expect(await ledger()).toMatchObject([{ status: 'requires_confirmation', charged: false }]);
    expect(await create('pm_card_visa', 'p-2'), 'nobody else is concerned').toMatchObject({ state: 'created' });
    now += 1;
    expect(await gateway.confirm(confirmation)).toMatchObject({ state: 'authorized' });
    expect(await gateway.retrieve(intentId)).toMatchObject({ state: 'authorized' });
  });
});
