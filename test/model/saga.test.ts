// The saga, whatever the schedule: the real deciders, workers and deadlines over a log in memory and a model of the gateway. Every order must
// end right, and every promise about money and stock must hold at every moment on the way there.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { good, opening, placed, tooMany } from './placed.js';
import type { Schedule } from './process-manager.js';
import { raisesForCause } from './promises.js';
import { type Placed, runSaga } from './saga.js';
import { missed } from './turns.js';

/** Runs the saga often, under one kind of schedule; what fails is found again by fast-check's seed. */
async function runOften(schedule: Schedule, look: (run: Awaited<ReturnType<typeof runSaga>>, orderId: string) => void) {
  const counts = new Map<string, number>();
  const happened = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const orders = fc.array(placed, { minLength: 1, maxLength: 4, size: 'max' });
  await fc.assert(
    fc.asyncProperty(orders, fc.integer(), fc.noBias(fc.nat(800)), async (orders, seed, steps) => {
      const run = await runSaga({ schedule, orders, opening, seed, steps, happened });
      for (const orderId of run.ids) look(run, orderId);
    }),
    { numRuns: 600 },
  );
  // A test that has silently stopped racing anything proves nothing.
  expect(missed(schedule, counts)).toEqual([]);
}

/** It takes a few seconds, and many more on a machine that has other things to do. */
const patience = 240_000;

describe('the saga, in any order of deliveries and with any of them repeated', () => {
  it(
    'ends every order CONFIRMED with its money captured and its stock reserved, or CANCELLED with neither',
    () => runOften('wild', () => {}),
    patience,
  );

  it('settles money before stock: a short order is voided, then released, then cancelled', async () => {
    const short: Placed = { bank: good, cancelledWhen: null, overdueWhen: null, lines: [{ sku: 'A', quantity: tooMany }] };
    const { ids, streams } = await runSaga({ schedule: 'wild', orders: [short], opening, seed: 1, steps: 0, happened: () => {} });
    expect((streams.streams.get(`order-${ids[0]}`)?.recorded ?? []).map(({ event }) => event.type)).toEqual([
      'OrderCreated',
      'OrderPaymentRequested',
      'OrderPaymentAuthorized',
      'OrderCancellationRequested',
      'OrderPaymentVoided',
      'OrderCancelled',
    ]);
  });
});

describe('the saga, in the order of the log, with crashes, and again from any place before', () => {
  it(
    'ends every order right, and raises attention for its causes only',
    () => runOften('in order', ({ streams, ledger, passed }, orderId) => raisesForCause(streams, ledger, passed, orderId)),
    patience,
  );
});
