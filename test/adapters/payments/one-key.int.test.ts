// One key has one effect, and a payment one charge, whatever befalls the requests between the platform and its gateway.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resilientGateway } from '../../../src/adapters/payments/resilient-gateway.js';
import type { Asked, Fault } from '../../../src/adapters/payments/simulator/wire.js';
import { AnswerKept, type PaymentGateway } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import { amount, currency, simulated } from './simulated.js';

const captureOf = (intentId: string, idempotencyKey: string) => ({ intentId, amount, currency, idempotencyKey });

describe('one key', () => {
  const faults = fc.array(
    fc.constantFrom<Fault | null>(null, 'slow', 'request-lost', 'reply-lost', 'error-done', 'error-not-done'),
    {
      maxLength: 5,
    },
  );
  const operations = ['create', 'confirm', 'capture', 'refund', 'retrieve', 'find-refund'] as const;
  const plan = fc.record(
    Object.fromEntries(operations.map((operation) => [operation, faults])) as Record<Asked['operation'], typeof faults>,
  );

  /** Asks under one key until somebody knows; `null` if that key's answer is lost for good. Twice at once, as a careless caller does. */
  async function insist<T>(ask: () => Promise<T>): Promise<T | null> {
    for (;;) {
      const [one, other] = await Promise.allSettled([ask(), ask()]);
      for (const outcome of [one, other]) {
        if (outcome.status === 'fulfilled') return outcome.value;
        if (outcome.reason instanceof AnswerKept) return null;
        if (!(outcome.reason instanceof OutcomeUnknown || outcome.reason instanceof Unavailable)) throw outcome.reason;
      }
    }
  }

  /** A payment from its creation to a refund: the same key until its answer is known to be lost, then a look, then a new key. */
  async function pay(gateway: PaymentGateway, { method, ...creation }: Parameters<PaymentGateway['create']>[0]): Promise<string> {
    const key = (operation: string, n: number) => `${creation.paymentId}:${operation}:${n}`;
    async function settle<T>(operation: string, ask: (key: string) => Promise<T>, look: () => Promise<T | null>): Promise<T> {
      for (let n = 1; ; n++) {
        const answer = (await insist(() => ask(key(operation, n)))) ?? (await insist(look));
        if (answer !== null) return answer;
      }
    }
    // A new intent holds nothing, so that one more does no harm.
    const { intentId } = await settle(
      'create',
      (idempotencyKey) => gateway.create({ ...creation, method, idempotencyKey }),
      async () => null,
    );
    const inState = async (state: string) => {
      const found = await gateway.retrieve(intentId);
      return found.state === state ? found : null;
    };
    await settle(
      'confirm',
      (idempotencyKey) => gateway.confirm({ intentId, idempotencyKey }),
      () => inState('authorized'),
    );
    await settle(
      'capture',
      (idempotencyKey) => gateway.capture(captureOf(intentId, idempotencyKey)),
      () => inState('captured'),
    );
    const refund = { intentId, refundId: 'r-1', amount: 500, currency };
    await settle(
      'refund',
      (idempotencyKey) => gateway.refund({ ...refund, idempotencyKey }),
      () => gateway.findRefund(refund),
    );
    return intentId;
  }

  it('has one effect, whatever faults befall the requests, and a payment one charge', async () => {
    let planned: Partial<Record<Asked['operation'], (Fault | null)[]>> = {};
    const { gateway, creation, ledger } = await simulated({
      times: { slowMs: 2 },
      fault: ({ operation }) => planned[operation]?.shift() ?? null,
    });
    const resilient = resilientGateway(gateway, { retryDelayMs: 1, failureRatio: 0.99 });
    let payments = 0;
    await fc.assert(
      fc.asyncProperty(plan, fc.boolean(), async (befalling, retries) => {
        planned = structuredClone(befalling);
        const known = (await ledger()).length;
        const paymentId = `p-${payments++}`;
        const intentId = await pay(retries ? resilient : gateway, creation('pm_card_visa', paymentId));
        const made = (await ledger()).slice(known);
        const broken = befalling.create.filter((fault) => fault === 'error-done').length;
        expect(made.length, 'at most one intent a key').toBeLessThanOrEqual(1 + broken);
        expect(made.filter(({ charged }) => charged)).toMatchObject([
          { intentId, status: 'succeeded', captured: amount, refunded: 500, refunds: [{}] },
        ]);
      }),
      { numRuns: 80 },
    );
  });
});
