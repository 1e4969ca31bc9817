// Which calls are tried again around a gateway, and what an outcome is called in the end.

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { resilientGateway } from '../../../src/adapters/payments/resilient-gateway.js';
import { AnswerKept, type IntentSnapshot } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import { confirmation, held, notAttempted, refused, scripted, unknown } from './scripted-gateway.js';

/** Around a script that says one thing after another, whatever is asked. */
function saying(...said: (IntentSnapshot | Error)[]) {
  const script = scripted((_intentId, time) => said[time - 1] ?? held);
  return { ...script, resilient: resilientGateway(script.gateway, { retryDelayMs: 1 }) };
}

describe('a call', () => {
  it.each([
    ['nobody knows what came of it', unknown()],
    ['it was not attempted', notAttempted()],
  ])('is asked again under the same key when %s', async (_, error) => {
    const { resilient, asked } = saying(error, error);
    expect(await resilient.confirm(confirmation())).toEqual(held);
    expect(asked).toEqual([confirmation(), confirmation(), confirmation()]);
  });

  it('that only reads is asked again, too', async () => {
    const { resilient, asked } = saying(notAttempted());
    expect(await resilient.retrieve('pi_1')).toEqual(held);
    expect(asked).toHaveLength(2);
  });

  it('is tried three times, and then says what the last try said', async () => {
    const { resilient, asked } = saying(notAttempted(), notAttempted(), new Unavailable('the last'));
    await expect(resilient.confirm(confirmation())).rejects.toMatchObject({ name: 'Unavailable', message: 'the last' });
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['was refused', refused('request')],
    ['brought an answer that is kept under its key', new AnswerKept('kept')],
    ['hit a bug of ours', new TypeError('a bug')],
  ])('that %s is not asked again', async (_, error) => {
    const { resilient, asked } = saying(error);
    await expect(resilient.confirm(confirmation())).rejects.toBe(error);
    expect(asked).toHaveLength(1);
  });

  it('that was declined is an answer, and not asked again', async () => {
    const declined: IntentSnapshot = { ...held, state: 'failed', failure: { code: 'generic_decline', message: 'no' } };
    const { resilient, asked } = saying(declined);
    expect(await resilient.confirm(confirmation())).toEqual(declined);
    expect(asked).toHaveLength(1);
  });

  it('that failed only after a while is not asked again: that is the process manager’s patience', async () => {
    const { gateway, asked } = scripted(() => unknown());
    const resilient = resilientGateway(gateway, { retryDelayMs: 1, retryWithinMs: -1 });
    await expect(resilient.confirm(confirmation())).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(asked).toHaveLength(1);
  });

  it('adds less than a second by its retries, as it comes', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { gateway, asked } = scripted(() => notAttempted());
    const outcome = resilientGateway(gateway)
      .confirm(confirmation())
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toHaveLength(3);
    expect(await outcome).toBeInstanceOf(Unavailable);
  });

  it('passes on what was asked and what was answered, for every operation', async () => {
    const { resilient, asked, isClosed } = saying();
    const rest = { amount: 5, currency: 'GBP', idempotencyKey: 'k' };
    expect(resilient.name).toBe('scripted');
    expect(await resilient.create({ paymentId: 'p-1', orderId: 'o-1', method: 'pm_card_visa', ...rest })).toEqual(held);
    expect(await resilient.capture({ intentId: 'pi_1', ...rest })).toEqual(held);
    expect(await resilient.cancel({ intentId: 'pi_1', idempotencyKey: 'k' })).toEqual(held);
    expect(await resilient.refund({ intentId: 'pi_1', refundId: 'r-1', ...rest })).toMatchObject({ refundId: 'r-1' });
    expect(await resilient.findRefund({ intentId: 'pi_1', refundId: 'r-1' })).toMatchObject({ refundId: 'r-1' });
    expect(asked).toHaveLength(5);
    resilient.close();
    expect(isClosed()).toBe(true);
  });
});

describe('an outcome', () => {
  it.each([
    ['the last try was not attempted', [unknown(), notAttempted(), notAttempted()]],
    ['it is not the first try that is in doubt', [notAttempted(), unknown(), notAttempted()]],
    ['our credentials were refused meanwhile', [unknown(), refused('credentials')]],
  ])('stays unknown once a try’s was, though %s: something may have been done', async (_, said) => {
    const { resilient } = saying(...said);
    await expect(resilient.confirm(confirmation())).rejects.toMatchObject({
      name: 'OutcomeUnknown',
      message: expect.stringMatching(/no answer/),
      cause: said.at(-1),
    });
  });

  it('is the refusal after an unknown try: under its key what had been done would have been answered', async () => {
    const refusal = refused('request');
    const { resilient } = saying(unknown(), refusal);
    await expect(resilient.confirm(confirmation())).rejects.toBe(refusal);
  });

  it('is that an answer is kept, if the second try learns that', async () => {
    const kept = new AnswerKept('kept');
    const { resilient } = saying(unknown(), kept);
    await expect(resilient.confirm(confirmation())).rejects.toBe(kept);
  });

  it('of one call does not cloud the next one’s', async () => {
    const { resilient } = saying(unknown(), unknown(), unknown(), notAttempted(), notAttempted(), notAttempted());
    await expect(resilient.confirm(confirmation())).rejects.toBeInstanceOf(OutcomeUnknown);
    await expect(resilient.confirm(confirmation())).rejects.toBeInstanceOf(Unavailable);
  });
});
