// What goes wrong with some orders is no matter of the others': an outage of the gateway, an order that makes the process manager stumble
// whenever it is touched, replies that get lost.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inParallel } from '../../src/commands/in-parallel.js';
import { fulfilmentReactor } from '../../src/commands/process-manager/fulfilment-reactor.js';
import { gatewayWorker } from '../../src/commands/process-manager/gateway-worker.js';
import type { Reactor } from '../../src/commands/process-manager/reactor.js';
import { reservationWorker } from '../../src/commands/process-manager/reservation-worker.js';
import { eventually } from '../support/condition.js';
import { type Fulfilment, quickWaits, startFulfilment } from '../support/fulfilment.js';
import { policy } from '../support/policy.js';
import { expectRightEnd } from './ends-right.js';

let platform: Fulfilment;
/** How far the gateway's clock is ahead of ours, in milliseconds. */
let gatewayAhead: number;
beforeEach(async () => {
  gatewayAhead = 0;
  platform = await startFulfilment({ simulator: { now: () => Date.now() + gatewayAhead, times: { outageMs: 600_000 } } });
});
afterEach(() => platform.close());

/** Places orders, each for SKUs of its own. */
async function place(count: number, name: string, method?: string): Promise<ReadonlyMap<string, string>> {
  const placed = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const sku = `${name}-${index}`;
      await platform.receive(sku, 10);
      return [await platform.place([{ sku, quantity: 3 }], method), sku] as const;
    }),
  );
  return new Map(placed);
}

async function expectConfirmed(orders: ReadonlyMap<string, string>): Promise<void> {
  await inParallel([...orders], 10, async ([orderId, sku]) => {
    await platform.reaches(orderId, 'CONFIRMED');
    await expectRightEnd(platform, orderId, new Map([[sku, 10]]));
  });
}

describe('an outage of the gateway', () => {
  const promise = 'delays its own orders only: a hundred of them beside twenty others, and all are confirmed when it is over';

  it(promise, { timeout: 120_000 }, async () => {
    const runner = platform.run({ waits: { ...quickWaits, hold: 2000, retry: [1000, 60_000] } });
    const captured = (amount: number) => eventually(async () => (await platform.ledger()).captured === amount, 60_000);
    const delayed = await place(100, 'AWAY', 'pm_sim_outage');
    const others = await place(20, 'THERE');
    await captured(6000);
    await expectConfirmed(others);
    for (const orderId of delayed.keys()) expect((await platform.orderOf(orderId)).status).toBe('PENDING_PAYMENT');
    // They wait as rows: the log's reader has long gone past them.
    await eventually(() => runner.status().outstanding === 0);
    gatewayAhead = 601_000;
    await platform.database.query('UPDATE process_manager_work SET due_at = clock_timestamp() WHERE NOT is_deadline');
    await captured(36_000);
    await inParallel([...delayed.keys()], 10, (orderId) => platform.reaches(orderId, 'CONFIRMED'));
    expect(await platform.ledger()).toMatchObject({ intents: 120, charges: 120, held: 0, refunded: 0 });
  });
});

describe('an order whose reaction always throws', () => {
  /** Stumbles over one order's events of a type, in words that no database can store as they are. */
  function stumbling(over: string, type: string, reactor: Reactor): Reactor {
    return (recorded) => {
      const reactions = reactor(recorded);
      if (recorded.metadata.$correlationId !== over || recorded.event.type !== type) return reactions;
      const run = async () => {
        throw new Error('Cannot read properties of undefined: \0');
      };
      return reactions.map((reaction) => ({ ...reaction, run }));
    };
  }

  it.each(['OrderCreated', 'InventoryReserved', 'PaymentCaptureRequested'])(
    'gets a person for itself, and the others go on: at %s',
    async (type) => {
      const [poison = ''] = (await place(1, 'POISON')).keys();
      const { handler, gateway, store } = platform;
      const reactors = [
        fulfilmentReactor(handler, policy),
        gatewayWorker(handler, gateway).react,
        reservationWorker(handler, store, async () => ['main']),
      ];
      const runner = platform.run({ reactors: reactors.map((reactor) => stumbling(poison, type, reactor)) });
      const others = await place(10, 'SOUND');
      await expectConfirmed(others);
      await eventually(async () => (await platform.orderOf(poison)).attention.length > 0);
      expect((await platform.orderOf(poison)).attention).toMatchObject([{ code: 'processing-failed' }]);
      await eventually(() => runner.status().outstanding === 0);
      expect(runner.status().state).toBe('running');
      await runner.stop(10_000);
      // Once it is mended it goes on where it stood.
      platform.run();
      await platform.reaches(poison, 'CONFIRMED');
      await expectRightEnd(platform, poison, new Map([['POISON-0', 10]]), { attention: ['processing-failed'] });
    },
  );
});

describe('replies of the gateway that are lost after it has done what was asked', () => {
  it('leave one charge an order, and one refund', async () => {
    platform.run();
    const orders = await place(10, 'LOST', 'pm_sim_reply_lost');
    await expectConfirmed(orders);
    const [cancelled = ''] = orders.keys();
    await platform.cancel(cancelled);
    await platform.reaches(cancelled, 'CANCELLED');
    const { intents } = await expectRightEnd(platform, cancelled, new Map([['LOST-0', 10]]));
    expect(intents).toMatchObject([{ captured: 300, refunded: 300, refunds: [{ amount: 300 }] }]);
  });
});

describe('an order with the same SKU on two lines', () => {
  it('reserves, ships and gives back their sum, once', async () => {
    platform.run();
    const lines = [2, 3].map((quantity) => ({ sku: 'TWICE', quantity }));
    await platform.receive('TWICE', 9);
    const shipped = await platform.place(lines);
    await platform.reaches(shipped, 'CONFIRMED');
    const { reservation } = await expectRightEnd(platform, shipped, new Map([['TWICE', 9]]));
    expect(reservation).toEqual(['InventoryReservationRequested', 'InventoryReserved']);
    // Four are left, and five are wanted.
    const short = await platform.place(lines);
    await platform.reaches(short, 'CANCELLED');
    expect((await platform.orderOf(short)).cancelled?.shortages).toEqual([{ sku: 'TWICE', requested: 5, available: 4 }]);
    await platform.ship(shipped);
    await eventually(async () => (await platform.typesOf(`reservation-${shipped}`)).at(-1) === 'InventoryShipped');
    await expectRightEnd(platform, shipped, new Map([['TWICE', 9]]));
  });
});
