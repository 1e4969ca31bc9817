// The keys of what is asked of the gateway: one whose age may have let the gateway forget it is never sent again, and a new one stands in
// the log before it is sent, and only once a look has shown that the old one did nothing.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import type { PaymentGateway } from '../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../src/domain/log/errors.js';
import { eventually } from '../support/condition.js';
import { type Fulfilment, startFulfilment } from '../support/fulfilment.js';
import { setClockOff } from './clock.js';
import { expectRightEnd } from './ends-right.js';
import { withGatewayFaults } from './gateway-faults.js';
import { watched } from './ports.js';

const operations = ['create', 'confirm', 'capture', 'cancel', 'refund'] as const;
type Operation = (typeof operations)[number];
type Fault = 'error-done' | 'error-not-done';

const received = new Map([['A', 10]]);
/** The event that says with which number an operation is asked for. */
const requestOf = {
  create: 'PaymentRequested',
  confirm: 'PaymentRequested',
  capture: 'PaymentCaptureRequested',
  cancel: 'PaymentVoidRequested',
  refund: 'RefundRequested',
};

let platform: Fulfilment;
/** What befalls the first request of one operation at the gateway. */
let fault: { readonly operation: Operation; readonly befalls: Fault } | null;
let resetClock: () => void;
beforeEach(async () => {
  fault = null;
  resetClock = () => {};
  platform = await startFulfilment({
    simulator: {
      fault: ({ operation, idempotencyKey }) =>
        operation === fault?.operation && idempotencyKey?.endsWith(':1') === true ? fault.befalls : null,
    },
  });
  await platform.receive('A', 10);
});
afterEach(async () => {
  resetClock();
  await platform.close();
});

/** An order of which the gateway will be asked for the operation. */
async function placeFor(operation: Operation): Promise<string> {
  const quantity = operation === 'cancel' ? 11 : 3;
  const orderId = await platform.place([{ sku: 'A', quantity }]);
  if (operation !== 'refund') return orderId;
  await platform.reaches(orderId, 'CONFIRMED');
  await platform.cancel(orderId);
  return orderId;
}

/** Whether it is a key of the operation's. */
const isOf = (operation: Operation, key: string) => key.includes(`:${operation === 'cancel' ? 'void' : operation}:`);

const endFor = (operation: Operation) => (operation === 'cancel' || operation === 'refund' ? 'CANCELLED' : 'CONFIRMED');

interface Sent {
  readonly key: string;
  readonly isNextDay: boolean;
}

/**
 * A gateway whose answers to the first key of one operation never come that day; nor, if it was done, to a question about it. Notes what
 * is sent.
 */
function mute(operation: Operation, isDone: boolean, day: { isNext: boolean }): { gateway: PaymentGateway; sent: Sent[] } {
  const sent: Sent[] = [];
  const { gateway } = platform;
  const noting =
    <Request extends { readonly idempotencyKey: string }, Answer>(name: Operation, ask: (request: Request) => Promise<Answer>) =>
    async (request: Request): Promise<Answer> => {
      sent.push({ key: request.idempotencyKey, isNextDay: day.isNext });
      const isLost = name === operation && !day.isNext && request.idempotencyKey.endsWith(':1');
      if (isLost && !isDone) throw new OutcomeUnknown('The request was lost.');
      const answer = await ask(request);
      if (isLost) throw new OutcomeUnknown('The reply was lost.');
      return answer;
    };
  const asking =
    <Question, Answer>(ask: (question: Question) => Promise<Answer>) =>
    async (question: Question): Promise<Answer> => {
      const isAsked = sent.some(({ key }) => isOf(operation, key));
      if (isAsked && isDone && !day.isNext) throw new Unavailable('The gateway answers no questions.');
      return ask(question);
    };
  const noted: Partial<PaymentGateway> = {
    retrieve: asking(gateway.retrieve),
    findRefund: asking(gateway.findRefund),
    create: noting('create', gateway.create),
    confirm: noting('confirm', gateway.confirm),
    capture: noting('capture', gateway.capture),
    cancel: noting('cancel', gateway.cancel),
    refund: noting('refund', gateway.refund),
  };
  return { gateway: withGatewayFaults(gateway, noted), sent };
}

describe('a key older than 23 hours', () => {
  const cases = operations.flatMap((operation) => [true, false].map((isDone) => ({ operation, isDone })));

  it.each(cases)('is looked up and never sent again: $operation, done: $isDone', async ({ operation, isDone }) => {
    const day = { isNext: false };
    const { gateway, sent } = mute(operation, isDone, day);
    const runner = platform.run({ gateway });
    const orderId = await placeFor(operation);
    // It is tried again and again, and has become a row. What comes before it may have become one, too, if it was slow.
    await eventually(() => sent.some(({ key }) => isOf(operation, key)));
    await eventually(async () => (await platform.work.ofOrder(orderId)).some(({ attempts }) => attempts > 0));
    // All that is under way ends on the same day.
    await runner.stop(10_000);
    day.isNext = true;
    resetClock = setClockOff(24 * 3_600_000);
    platform.run({ gateway });

    await platform.reaches(orderId, endFor(operation));
    const yesterday = new Set(sent.filter(({ isNextDay }) => !isNextDay).map(({ key }) => key));
    expect(yesterday.size).toBeGreaterThan(0);
    expect(sent.filter(({ key, isNextDay }) => isNextDay && yesterday.has(key))).toEqual([]);
    // What cannot be looked up is asked for anew: an intent that was never confirmed holds nothing.
    const strayIntents = operation === 'create' && isDone ? 1 : 0;
    const isRenewed = operation === 'create' || !isDone;
    const repeated = isRenewed ? [requestOf[operation]] : [];
    const end = await expectRightEnd(platform, orderId, received, { strayIntents, repeated });
    expect(end.payment.filter((type) => type === requestOf[operation])).toHaveLength(isRenewed ? 2 : 1);
  });
});

describe("an error of the gateway's own that it keeps under the key", () => {
  const faults: readonly Fault[] = ['error-done', 'error-not-done'];
  const cases = operations.flatMap((operation) => faults.map((befalls) => ({ operation, befalls })));

  it.each(cases)(
    'is looked up, then asked under a new key whose number stands in the log first: $operation, $befalls',
    async (given) => {
      const { operation, befalls } = given;
      fault = given;
      const calls: string[] = [];
      const { store, database, work } = platform;
      const keys: string[] = [];
      /** How many requests stood in the log when the second key was sent. */
      let standing = 0;
      const gateway = withGatewayFaults(platform.gateway, {
        [operation]: async (request: never) => {
          const { idempotencyKey } = request as { readonly idempotencyKey: string };
          keys.push(idempotencyKey);
          calls.push(`sent ${idempotencyKey.slice(-2)}`);
          if (idempotencyKey.endsWith(':2')) {
            const types = await platform.typesOf(`payment-${idempotencyKey.split(':')[0]}`);
            standing = types.filter((type) => type === requestOf[operation]).length;
          }
          return platform.gateway[operation](request);
        },
      });
      const note = async ({ name }: { readonly name: string }) => void calls.push(name);
      const ports = watched(
        { store, gateway, checkpoints: postgresCheckpoints(database), work },
        { before: async () => {}, after: note },
      );
      // A new key may follow at once: by this clock the first one is old enough.
      platform.run({ ...ports, handler: createCommandHandler(ports.store), now: () => Date.now() + 10_000 });
      const orderId = await placeFor(operation);
      await platform.reaches(orderId, endFor(operation));

      const isRenewed = operation === 'create' || befalls === 'error-not-done';
      expect(new Set(keys).size).toBe(isRenewed ? 2 : 1);
      if (isRenewed) {
        expect(standing).toBe(2);
        const between = calls.slice(calls.indexOf('sent :1'), calls.lastIndexOf(`append ${requestOf[operation]}`));
        if (operation !== 'create') expect(between).toContain(operation === 'refund' ? 'gateway find refund' : 'gateway retrieve');
      }
      const strayIntents = operation === 'create' && befalls === 'error-done' ? 1 : 0;
      const repeated = isRenewed ? [requestOf[operation]] : [];
      await expectRightEnd(platform, orderId, received, { strayIntents, repeated });
    },
  );

  it('does not keep a declined intent open', async () => {
    fault = { operation: 'cancel', befalls: 'error-not-done' };
    platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 3 }], 'pm_card_visa_chargeDeclined');
    await platform.reaches(orderId, 'CANCELLED');
    await eventually(async () => (await platform.intentsOf(orderId))[0]?.status === 'canceled');
    await eventually(async () => (await platform.work.ofOrder(orderId)).length === 0);
  });
});
