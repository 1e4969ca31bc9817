// When no call to a gateway is attempted: the breaker is open, or too many calls are under way.

import { describe, expect, it } from 'vitest';
import { type ResilienceOptions, resilientGateway } from '../../../src/adapters/payments/resilient-gateway.js';
import { AnswerKept, type IntentSnapshot, type PaymentGateway } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import { eventually } from '../../support/condition.js';
import { confirmation, held, notAttempted, refused, scripted, unknown } from './scripted-gateway.js';

const quick: ResilienceOptions = { retryDelayMs: 1, minimumCalls: 5, sampleMs: 60_000, halfOpenAfterMs: 60_000 };
const failing = (gateway: PaymentGateway, intents: number, from = 0) =>
  Promise.allSettled(Array.from({ length: intents }, (_, n) => gateway.confirm(confirmation(`pi_failing_${from + n}`))));

describe('the breaker', () => {
  const outage = (isOut: (intentId: string) => boolean | Promise<boolean>, error: () => Error = unknown) =>
    scripted(async (intentId) => {
      if (await isOut(intentId)) throw error();
      return held;
    });

  it.each([
    ['without an answer', unknown],
    ['that were not attempted', notAttempted],
  ])('opens on calls %s, and then none is attempted', async (_, error) => {
    const { gateway, asked } = outage(() => true, error);
    const resilient = resilientGateway(gateway, quick);
    expect(resilient.state()).toBe('closed');
    await failing(resilient, 5);
    expect(resilient.state()).toBe('open');
    const before = asked.length;
    await expect(resilient.confirm(confirmation())).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/not asked to confirm pi_1/),
    });
    await expect(resilient.retrieve('pi_1')).rejects.toBeInstanceOf(Unavailable);
    expect(asked).toHaveLength(before);
  });

  it.each([
    ['declines', () => ({ ...held, state: 'failed' }) as IntentSnapshot],
    ['refusals', () => refused('request')],
    ['answers that are kept', () => new AnswerKept('kept')],
  ])('does not open on %s: the gateway is there', async (_, answer) => {
    const { gateway } = scripted(answer);
    const resilient = resilientGateway(gateway, quick);
    await failing(resilient, 50);
    expect(resilient.state()).toBe('closed');
  });

  it('stays closed while some payments get no answer and many do, however often those are called for', async () => {
    const { gateway } = outage((intentId) => intentId.startsWith('pi_failing'));
    const resilient = resilientGateway(gateway, quick);
    for (let n = 0; n < 20; n++) expect(await resilient.confirm(confirmation(`pi_${n}`))).toEqual(held);
    for (let time = 0; time < 30; time++) await failing(resilient, 5);
    expect(resilient.state()).toBe('closed');
    expect(await resilient.confirm(confirmation())).toEqual(held);
  });

  it('does not count a call that a retry brought home', async () => {
    const { gateway } = scripted((_, time) => (time === 1 ? unknown() : held));
    const resilient = resilientGateway(gateway, quick);
    await failing(resilient, 50);
    expect(resilient.state()).toBe('closed');
  });

  it('lets one call through after its pause, the others not, and closes when that is answered', async () => {
    let out = true;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { gateway, asked } = outage(async (intentId) => {
      if (intentId === 'pi_probe') await answered;
      return out;
    });
    const resilient = resilientGateway(gateway, { ...quick, halfOpenAfterMs: 0 });
    await failing(resilient, 5);
    expect(resilient.state()).toBe('open');
    out = false;
    const probe = resilient.confirm(confirmation('pi_probe'));
    await eventually(() => resilient.state() === 'half-open');
    const before = asked.length;
    await expect(resilient.confirm(confirmation())).rejects.toBeInstanceOf(Unavailable);
    expect(asked).toHaveLength(before);
    answer();
    expect(await probe).toEqual(held);
    expect(resilient.state()).toBe('closed');
    expect(await resilient.confirm(confirmation())).toEqual(held);
  });

  it('opens again when the call that was let through has no answer either, be it a payment that had none before', async () => {
    const { gateway } = outage(() => true);
    const resilient = resilientGateway(gateway, { ...quick, halfOpenAfterMs: 0 });
    await failing(resilient, 5);
    await expect(resilient.confirm(confirmation('pi_failing_0'))).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(resilient.state()).toBe('open');
  });
});

describe('the bulkhead', () => {
  it('bounds the calls under way and those that wait; one more was not attempted', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { gateway, asked } = scripted(() => answered.then(() => held));
    const resilient = resilientGateway(gateway, { ...quick, concurrentCalls: 2, waitingCalls: 1 });
    const calls = [0, 1, 2].map((n) => resilient.confirm(confirmation(`pi_${n}`)));
    await eventually(() => asked.length === 2);
    await expect(resilient.confirm(confirmation('pi_3'))).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/not asked to confirm pi_3: 2 calls are under way and 1 wait/),
    });
    expect(asked.map(({ intentId }) => intentId)).toEqual(['pi_0', 'pi_1']);
    answer();
    expect(await Promise.all(calls)).toEqual([held, held, held]);
    expect(resilient.state()).toBe('closed');
  });

  it('sends away those that wait once the breaker opens: they were not attempted', async () => {
    let fail = () => {};
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const { gateway, asked } = scripted(() => failed.then(() => Promise.reject(unknown())));
    const resilient = resilientGateway(gateway, { ...quick, tries: 1, minimumCalls: 2, concurrentCalls: 2, waitingCalls: 50 });
    const calls = failing(resilient, 50);
    await eventually(() => asked.length === 2);
    fail();
    const names = (await calls).map((call) => call.status === 'rejected' && call.reason.name);
    expect(resilient.state()).toBe('open');
    expect(names.slice(0, 2)).toEqual(['OutcomeUnknown', 'OutcomeUnknown']);
    expect(names.filter((name) => name === 'Unavailable')).toHaveLength(50 - asked.length);
    expect(asked.length).toBeLessThan(5);
  });
});
