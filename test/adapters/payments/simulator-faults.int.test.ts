// Errors and replies that are lost, as a test or a payment method brings them about, and what the gateway's callers learn of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resilientGateway } from '../../../src/adapters/payments/resilient-gateway.js';
import type { SimulatorOptions } from '../../../src/adapters/payments/simulator/simulator.js';
import type { Asked, Fault } from '../../../src/adapters/payments/simulator/wire.js';
import { AnswerKept } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown } from '../../../src/domain/log/errors.js';
import { amount, currency, simulated } from './simulated.js';

const captureOf = (intentId: string, idempotencyKey: string) => ({ intentId, amount, currency, idempotencyKey });

/** One fault befalls the operation, the first time that it is asked for. */
function once(operation: Asked['operation'], fault: Fault): SimulatorOptions {
  let pending = true;
  return {
    fault: (asked) => {
      if (asked.operation !== operation || !pending) return null;
      pending = false;
      return fault;
    },
  };
}

describe('an error of the gateway’s own', () => {
  it.each([
    ['error-done', 'authorized', 'requires_capture'],
    ['error-not-done', 'created', 'requires_confirmation'],
  ] as const)('is kept under its key (%s): only a look tells that the intent is %s', async (fault, state, status) => {
    const { gateway, stripe, create, ledger } = await simulated(once('confirm', fault));
    const { intentId } = await create('pm_card_visa');
    const confirmation = { intentId, idempotencyKey: 'confirm 1' };
    const first = await gateway.confirm(confirmation).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(OutcomeUnknown);
    expect(first).not.toBeInstanceOf(AnswerKept);
    for (let time = 0; time < 2; time++) {
      await expect(gateway.confirm(confirmation)).rejects.toMatchObject({
        name: 'AnswerKept',
        message: expect.stringMatching(/confirm pi_.*status 500.*kept under the key/),
      });
    }
    const raw = await stripe.paymentIntents.confirm(intentId, { expand: ['latest_charge'] }, confirmation).catch((error) => error);
    expect(raw).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(await gateway.retrieve(intentId)).toMatchObject({ state });
    expect(await ledger()).toMatchObject([{ status }]);
    expect(await gateway.confirm({ intentId, idempotencyKey: 'confirm 2' })).toMatchObject({ state: 'authorized' });
  });

  it.each([
    ['error-done', 1],
    ['error-not-done', 0],
  ] as const)('is kept over a creation and a refund, too (%s)', async (fault, done) => {
    const { gateway, creation, ledger, authorized } = await simulated({
      fault: ({ idempotencyKey }) => (idempotencyKey?.startsWith('broken') ? fault : null),
    });
    const broken = { ...creation('pm_card_visa', 'p-2'), idempotencyKey: 'broken create' };
    await expect(gateway.create(broken)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await expect(gateway.create(broken)).rejects.toMatchObject({ name: 'AnswerKept' });
    expect(await ledger()).toHaveLength(done);
    const { intentId } = await authorized('pm_card_visa');
    await gateway.capture(captureOf(intentId, 'capture'));
    const refund = { ...captureOf(intentId, 'broken refund'), refundId: 'r-1' };
    await expect(gateway.refund(refund)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await expect(gateway.refund(refund)).rejects.toMatchObject({ name: 'AnswerKept' });
    const found = await gateway.findRefund(refund);
    expect(found?.state).toBe(done === 1 ? 'succeeded' : undefined);
    expect(await gateway.refund({ ...refund, idempotencyKey: 'refund 2' })).toMatchObject({ state: 'succeeded' });
    expect((await ledger()).at(-1)).toMatchObject({ refunded: amount, refunds: [{}] });
  });

  it('over a read is no more than unavailable, and not kept', async () => {
    const { gateway, create } = await simulated(once('retrieve', 'error-not-done'));
    const intent = await create('pm_card_visa');
    await expect(gateway.retrieve(intent.intentId)).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await gateway.retrieve(intent.intentId)).toEqual(intent);
  });

  it('is learnt to be kept within one call, if retries stand around the gateway', async () => {
    const { gateway, create } = await simulated(once('capture', 'error-done'));
    const { intentId } = await create('pm_card_visa');
    const resilient = resilientGateway(gateway, { retryDelayMs: 1 });
    await resilient.confirm({ intentId, idempotencyKey: 'confirm' });
    await expect(resilient.capture(captureOf(intentId, 'capture'))).rejects.toBeInstanceOf(AnswerKept);
    expect(await resilient.retrieve(intentId)).toMatchObject({ state: 'captured' });
  });
});

describe('a reply that is lost', () => {
  it('is made good within one call, if retries stand around the gateway: one charge', async () => {
    const { gateway, creation, summary } = await simulated();
    const resilient = resilientGateway(gateway, { retryDelayMs: 1 });
    const { intentId } = await resilient.create(creation('pm_sim_reply_lost'));
    expect(await resilient.confirm({ intentId, idempotencyKey: 'confirm' })).toMatchObject({ state: 'authorized' });
    expect(await resilient.capture(captureOf(intentId, 'capture'))).toMatchObject({ state: 'captured' });
    expect(await summary()).toMatchObject({ intents: 1, charges: 1, captured: amount });
    expect(resilient.state()).toBe('closed');
  });
});

describe('a restart', () => {
  it('forgets nothing: kept errors, lost replies, waiting customers, declined captures, settled refunds', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'panglot-simulator-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    let now = Date.now();
    const options = { dataDir, now: () => now };
    const before = await simulated({ ...options, ...once('cancel', 'error-not-done') });
    const intents: Record<string, string> = {};
    for (const method of ['pm_card_visa', 'pm_card_authenticationRequired', 'pm_sim_capture_fails', 'pm_card_refundFail']) {
      const { intentId } = await before.create(method, method);
      intents[method] = intentId;
      await before.gateway.confirm({ intentId, idempotencyKey: `${method} confirm` });
    }
    const of = (method: string) => intents[method] ?? '';
    await expect(before.gateway.cancel({ intentId: of('pm_card_visa'), idempotencyKey: 'cancel' })).rejects.toThrow(/500/);
    const declined = await before.gateway.capture(captureOf(of('pm_sim_capture_fails'), 'declined'));
    const lost = before.creation('pm_sim_reply_lost', 'lost');
    await expect(before.gateway.create(lost)).rejects.toBeInstanceOf(OutcomeUnknown);
    await before.gateway.capture(captureOf(of('pm_card_refundFail'), 'capture'));
    const refund = { ...captureOf(of('pm_card_refundFail'), 'refund'), refundId: 'r-1' };
    const refunded = await before.gateway.refund(refund);
    now += 60_000;
    const ledger = await before.ledger();
    await before.close();

    const after = await simulated(options);
    expect(await after.ledger()).toEqual(ledger);
    await expect(after.gateway.cancel({ intentId: of('pm_card_visa'), idempotencyKey: 'cancel' })).rejects.toBeInstanceOf(
      AnswerKept,
    );
    expect(await after.gateway.capture(captureOf(of('pm_sim_capture_fails'), 'declined'))).toEqual(declined);
    expect((await after.gateway.create(lost)).intentId).toBe(ledger.at(-1)?.intentId);
    expect(await after.gateway.refund(refund)).toEqual(refunded);
    expect(await after.gateway.findRefund(refund)).toMatchObject({ state: 'failed' });
    expect(await after.authenticate(of('pm_card_authenticationRequired'), 'succeed')).toMatchObject({ status: 200 });
  });
});
