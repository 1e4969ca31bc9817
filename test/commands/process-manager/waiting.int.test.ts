// Reactions that cannot be carried out now, through the real runner: what they hold up and what they do not, who may go on with them, and
// that they are never more than the log says.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresCheckpoints } from '../../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import type { WaitingRow } from '../../../src/commands/process-manager/work.js';
import { Unavailable } from '../../../src/domain/log/errors.js';
import { Gates } from '../../faults/gates.js';
import { withGatewayFaults } from '../../faults/gateway-faults.js';
import { watched } from '../../faults/ports.js';
import { eventually } from '../../support/condition.js';
import { withFaults } from '../../support/event-store.js';
import { type Fulfilment, quickWaits, startFulfilment } from '../../support/fulfilment.js';

let platform: Fulfilment;
beforeEach(async () => {
  platform = await startFulfilment();
  await platform.receive('A', 100);
});
afterEach(() => platform.close());

const place = (method?: string) => platform.place([{ sku: 'A', quantity: 3 }], method);
const reactionsOf = async (orderId: string) => (await platform.work.ofOrder(orderId)).filter(({ kind }) => kind === 'reaction');
const expireLease = () => platform.database.query('UPDATE checkpoints SET lease_until = clock_timestamp()');

/** A process whose calls may be held, with caches of its own. */
function runHeld(over: Parameters<Fulfilment['run']>[0] = {}) {
  const gates = new Gates();
  const { store, database, work } = platform;
  const gateway = over.gateway ?? platform.gateway;
  const ports = watched({ store, gateway, checkpoints: postgresCheckpoints(database), work }, gates);
  return { gates, runner: platform.run({ ...over, ...ports, handler: createCommandHandler(ports.store) }) };
}

describe('a reaction that takes longer than it may hold the watermark', () => {
  it('becomes a row, and the watermark goes on while it is under way', async () => {
    const { gates, runner } = runHeld({ waits: { ...quickWaits, hold: 50 } });
    const capture = gates.hold('gateway capture, before');
    const slow = await place();
    await capture.reached();
    const other = await place();
    await platform.reaches(other, 'CONFIRMED');
    await eventually(() => runner.status().outstanding === 0);
    expect(await reactionsOf(slow)).toMatchObject([{ what: 'gateway call after PaymentCaptureRequested' }]);
    capture.open();
    await platform.reaches(slow, 'CONFIRMED');
    await eventually(async () => (await reactionsOf(slow)).length === 0);
    expect(await platform.intentsOf(slow)).toMatchObject([{ captured: 300 }]);
  });

  it('keeps what comes behind it waiting, in order, and goes first', async () => {
    const calls: string[] = [];
    const gateway = withGatewayFaults(platform.gateway, {
      capture: (request) => {
        calls.push('capture');
        return platform.gateway.capture(request);
      },
      cancel: (request) => {
        calls.push('cancel');
        return platform.gateway.cancel(request);
      },
    });
    const { gates } = runHeld({ gateway, waits: { ...quickWaits, hold: 50 } });
    const capture = gates.hold('gateway capture, before');
    const orderId = await place('pm_sim_capture_fails');
    await capture.reached();
    await platform.cancel(orderId);
    await eventually(async () => (await reactionsOf(orderId)).length === 2);
    expect(calls).toEqual([]);
    capture.open();
    await platform.reaches(orderId, 'CANCELLED');
    expect(calls).toEqual(['capture', 'cancel']);
  });
});

describe('a process whose lease was taken while it wrote a row', () => {
  it('stands down, stands by, and takes the lease again when that is free', async () => {
    const busy = withGatewayFaults(platform.gateway, {
      create: async () => {
        throw new Unavailable('Nobody there.');
      },
    });
    const first = runHeld({ gateway: busy, waits: { ...quickWaits, hold: 50 }, leaseMilliseconds: 4000 });
    // All that it does at the moment is held: what it says when it is told to end comes from the subscription.
    const held = ['rows claim, before', 'rows save, before', 'rows defer, before'].map((point) => first.gates.hold(point));
    const orderId = await place();
    for (const gate of held) await gate.reached();
    await expireLease();
    const second = platform.run({ leaseMilliseconds: 4000 });
    await eventually(() => second.status().state === 'running');
    held.at(-1)?.open();
    // The row is refused, which ends its reign; then the other calls come back.
    await platform.reaches(orderId, 'CONFIRMED');
    for (const gate of held) gate.open();
    await eventually(() => first.runner.status().state === 'standing-by');
    await second.stop(10_000);
    await eventually(() => first.runner.status().state === 'running');
  });
});

describe('a row whose event cannot be read for a moment', () => {
  it('is tried again soon, with all that were claimed beside it, and not only when the claims lapse', async () => {
    let refusals = 2;
    const store = withFaults(platform.store, {
      readStream: (stream, options) => {
        if (options?.limit === 1 && stream.startsWith('order-') && refusals-- > 0) throw new Unavailable('The store is away.');
        return platform.store.readStream(stream, options);
      },
    });
    platform.run({ store, policy: { paymentTimeout: 300 } });
    const orders = await Promise.all(Array.from({ length: 10 }, () => place('pm_card_authenticationRequired')));
    for (const orderId of orders) await platform.reaches(orderId, 'CANCELLED');
    expect(refusals).toBeLessThan(0);
  });
});

describe('the rows', () => {
  it('can be made from the log again: without rows and checkpoint the same come back', async () => {
    const first = platform.run();
    const confirmed = await place();
    await platform.reaches(confirmed, 'CONFIRMED');
    const shipped = await place();
    await platform.reaches(shipped, 'CONFIRMED');
    await platform.ship(shipped);
    const waiting = await place('pm_card_authenticationRequired');
    const cancelled = await place('pm_card_visa_chargeDeclined');
    await platform.reaches(cancelled, 'CANCELLED');
    const orders = [confirmed, shipped, waiting, cancelled];

    /** What they are; the time of a deadline, but not when a reaction is tried again. */
    const rows = async () => {
      const all = (await Promise.all(orders.map((orderId) => platform.work.ofOrder(orderId)))).flat();
      const identity = ({ id, kind, lane, what, orderId, trigger, dueAt }: WaitingRow) =>
        JSON.stringify([
          id,
          kind,
          lane,
          what,
          orderId,
          trigger.stream,
          trigger.revision,
          String(trigger.position),
          kind === 'deadline' && dueAt,
        ]);
      return all.map(identity).sort();
    };
    const whats = async () =>
      (await Promise.all(orders.map((orderId) => platform.work.ofOrder(orderId)))).flat().map(({ what }) => what);
    const expected = ['ship-overdue', 'delivery-overdue', 'gateway call after GatewayPaymentCreated', 'payment-timeout'];
    await eventually(async () => expect((await whats()).sort()).toEqual([...expected].sort()));
    await eventually(() => first.status().outstanding === 0);
    await first.stop(10_000);
    const before = await rows();

    await platform.database.query('DELETE FROM process_manager_work');
    await platform.database.query('DELETE FROM checkpoints');
    const second = platform.run({ handler: createCommandHandler(platform.store) });
    await eventually(() => second.status().state === 'running' && second.status().outstanding === 0);
    await eventually(async () => expect(await rows()).toEqual(before));
  });
});
