// What every payment gateway promises, whatever stands behind it. Run against the simulator always, and against Stripe's test mode when
// there is a key for it.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GatewayRefused, type IntentSnapshot, type PaymentGateway } from '../../../src/commands/payment-gateway.js';

const amount = 1980;
const currency = 'GBP';

/** The promises, of the gateway that `gateway()` gives once the tests run. */
export function describeGateway(gateway: () => PaymentGateway): void {
  const key = () => randomUUID();
  const creation = (method = 'pm_card_visa') => ({
    paymentId: randomUUID(),
    orderId: randomUUID(),
    amount,
    currency,
    method,
    idempotencyKey: key(),
  });
  const created = (method?: string) => gateway().create(creation(method));
  const authorized = async (method?: string) =>
    gateway().confirm({ intentId: (await created(method)).intentId, idempotencyKey: key() });
  const capture = ({ intentId }: IntentSnapshot, part = amount) =>
    gateway().capture({ intentId, amount: part, currency, idempotencyKey: key() });
  const captured = async (method?: string) => capture(await authorized(method));

  describe('an intent', () => {
    it('is created unconfirmed: no money is held', async () => {
      const intent = await created();
      expect(intent).toEqual({
        intentId: expect.stringMatching(/^pi_/),
        state: 'created',
        amount,
        amountCaptured: 0,
        captureBefore: null,
        expired: false,
        failure: null,
      });
      expect(await gateway().retrieve(intent.intentId)).toEqual(intent);
    });

    it('is held once it is confirmed, and says until when', async () => {
      const intent = await authorized();
      expect(intent).toMatchObject({ state: 'authorized', amount, amountCaptured: 0, failure: null });
      expect(intent.captureBefore).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(intent.captureBefore ?? '')).toBeGreaterThan(Date.now());
      expect(await gateway().retrieve(intent.intentId)).toEqual(intent);
    });

    it('is captured, and stays so', async () => {
      const intent = await captured();
      expect(intent).toMatchObject({ state: 'captured', amount, amountCaptured: amount, captureBefore: null, failure: null });
      expect(await gateway().retrieve(intent.intentId)).toEqual(intent);
    });

    it('is captured in part; the rest is released', async () => {
      const intent = await capture(await authorized(), 980);
      expect(intent).toMatchObject({ state: 'captured', amount, amountCaptured: 980 });
    });

    it('is voided, before and after it is confirmed', async () => {
      for (const intent of [await created(), await authorized()]) {
        const voided = await gateway().cancel({ intentId: intent.intentId, idempotencyKey: key() });
        expect(voided).toMatchObject({ state: 'voided', amountCaptured: 0, expired: false, failure: null });
      }
    });
  });

  describe('a decline', () => {
    it.each([
      ['pm_card_visa_chargeDeclined', 'generic_decline'],
      ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ])('is an answer: %s is %s', async (method, code) => {
      const { intentId } = await created(method);
      const declined = await gateway().confirm({ intentId, idempotencyKey: key() });
      expect(declined).toMatchObject({ intentId, state: 'failed', amountCaptured: 0, captureBefore: null, failure: { code } });
      expect(declined.failure?.message).not.toBe('');
      expect(await gateway().retrieve(intentId)).toEqual(declined);
    });

    it('is repeated under its key, and can be closed', async () => {
      const { intentId } = await created('pm_card_visa_chargeDeclined');
      const confirmation = { intentId, idempotencyKey: key() };
      const declined = await gateway().confirm(confirmation);
      const voided = await gateway().cancel({ intentId, idempotencyKey: key() });
      expect(voided.state).toBe('voided');
      expect(await gateway().confirm(confirmation)).toEqual(declined);
    });
  });

  describe('a card that asks for the customer', () => {
    it('is pending while they have not acted, holds nothing, and can be cancelled', async () => {
      const { intentId } = await created('pm_card_authenticationRequired');
      const pending = await gateway().confirm({ intentId, idempotencyKey: key() });
      expect(pending).toMatchObject({ intentId, state: 'pending', amountCaptured: 0, captureBefore: null, failure: null });
      expect(await gateway().retrieve(intentId)).toEqual(pending);
      expect(await gateway().cancel({ intentId, idempotencyKey: key() })).toMatchObject({ state: 'voided', expired: false });
    });
  });

  describe('a repeat', () => {
    it('under the same key makes one intent', async () => {
      const request = creation();
      const first = await gateway().create(request);
      expect(await gateway().create(request)).toEqual(first);
      expect((await gateway().create({ ...request, idempotencyKey: key() })).intentId).not.toBe(first.intentId);
    });

    it('under the same key is answered as the first time, whatever happened since', async () => {
      const { intentId } = await created();
      const confirmation = { intentId, idempotencyKey: key() };
      const intent = await gateway().confirm(confirmation);
      await capture(intent);
      expect(await gateway().confirm(confirmation)).toEqual(intent);
      expect((await gateway().retrieve(intentId)).state).toBe('captured');
    });

    it('under another key is answered with what is', async () => {
      const intent = await captured();
      expect(await capture(intent)).toEqual(intent);
      expect(await gateway().confirm({ intentId: intent.intentId, idempotencyKey: key() })).toEqual(intent);
      expect(await gateway().cancel({ intentId: intent.intentId, idempotencyKey: key() })).toEqual(intent);
    });

    it('of something that was voided is answered as voided', async () => {
      const { intentId } = await authorized();
      const voided = await gateway().cancel({ intentId, idempotencyKey: key() });
      expect(await gateway().capture({ intentId, amount, currency, idempotencyKey: key() })).toEqual(voided);
      expect(await gateway().cancel({ intentId, idempotencyKey: key() })).toEqual(voided);
    });

    it('with other parameters under the same key is refused', async () => {
      const request = creation();
      await gateway().create(request);
      await expect(gateway().create({ ...request, amount: amount + 1 })).rejects.toMatchObject({
        name: 'GatewayRefused',
        blame: 'request',
        code: 'idempotency_error',
      });
    });
  });

  describe('a refund', () => {
    const refundOf = ({ intentId }: IntentSnapshot, part = amount, refundId = randomUUID()) => ({
      intentId,
      refundId,
      amount: part,
      currency,
      idempotencyKey: key(),
    });

    it('gives money back, and is found by our own id', async () => {
      const intent = await captured();
      const first = await gateway().refund(refundOf(intent, 500));
      const second = await gateway().refund(refundOf(intent, 1480));
      expect(first).toMatchObject({ gatewayRefundId: expect.stringMatching(/^re_/), amount: 500, failure: null });
      expect(['pending', 'succeeded']).toContain(first.state);
      expect(await gateway().findRefund({ intentId: intent.intentId, refundId: first.refundId })).toEqual(first);
      expect(await gateway().findRefund({ intentId: intent.intentId, refundId: second.refundId })).toEqual(second);
      expect(await gateway().findRefund({ intentId: intent.intentId, refundId: randomUUID() })).toBeNull();
    });

    it.each([
      ['pm_card_pendingRefund', 'pending'],
      ['pm_card_refundFail', 'succeeded'],
    ])('is accepted before it is settled: of %s it is %s at first', async (method, state) => {
      const intent = await captured(method);
      expect(await gateway().refund(refundOf(intent, 500))).toMatchObject({ state, amount: 500, failure: null });
    });

    it('is made once under one key', async () => {
      const request = refundOf(await captured(), 500);
      const refund = await gateway().refund(request);
      expect(await gateway().refund(request)).toEqual(refund);
    });

    it('of what is refunded already is answered with the refund that was made under its id', async () => {
      const intent = await captured();
      const request = refundOf(intent);
      const refund = await gateway().refund(request);
      expect(await gateway().refund({ ...request, idempotencyKey: key() })).toEqual(refund);
    });

    it('of more than is left fails, as an answer', async () => {
      const intent = await captured();
      await gateway().refund(refundOf(intent, 1500));
      expect(await gateway().refund(refundOf(intent, 1500))).toMatchObject({
        gatewayRefundId: null,
        state: 'failed',
        amount: 1500,
        failure: { message: expect.stringMatching(/greater/) },
      });
    });
  });

  describe('a request that can never succeed', () => {
    it('names the unknown payment method', async () => {
      const refusal = await created('pm_card_nobody_has').catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GatewayRefused);
      expect(refusal).toMatchObject({ blame: 'request', code: 'resource_missing' });
    });

    it('is refused for an intent that does not exist', async () => {
      await expect(gateway().retrieve('pi_000000000000000000000000')).rejects.toMatchObject({
        blame: 'request',
        code: 'resource_missing',
      });
    });

    it('is refused for a capture above what is held, and nothing is taken', async () => {
      const intent = await authorized();
      await expect(capture(intent, amount + 1)).rejects.toBeInstanceOf(GatewayRefused);
      expect((await gateway().retrieve(intent.intentId)).state).toBe('authorized');
    });
  });
}
