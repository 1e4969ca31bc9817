// Events that are delivered more than once, and again from the start: the real runner over a subscription that repeats itself, and the
// same log read anew in the middle of what happens.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import { eventually } from '../support/condition.js';
import { withFaults } from '../support/event-store.js';
import { type Fulfilment, startFulfilment } from '../support/fulfilment.js';
import { expectRightEnd } from './ends-right.js';

let platform: Fulfilment;
beforeEach(async () => {
  platform = await startFulfilment();
});
afterEach(() => platform.close());

/** The store, whose subscription delivers every event alone and twice. */
const twice = (store: EventStore): EventStore =>
  withFaults(store, {
    follow: async function* (options) {
      for await (const { events, caughtUp } of store.follow(options)) {
        for (const event of [...events, ...events].sort((a, b) => (a.position < b.position ? -1 : 1)))
          yield { events: [event], caughtUp: false };
        if (caughtUp) yield { events: [], caughtUp };
      }
      throw new Error('a subscription never ends');
    },
  });

/** An order of each kind, for SKUs of their own, and how it ends. */
async function placeOneOfEach() {
  for (const [sku, units] of [
    ['PAID', 10],
    ['SHORT-A', 10],
    ['SHORT-B', 1],
    ['DECLINED', 10],
    ['RETURNED', 10],
    ['SHIPPED', 10],
  ] as const)
    await platform.receive(sku, units);
  const one = (sku: string, method?: string) => platform.place([{ sku, quantity: 3 }], method);
  const short = ['SHORT-A', 'SHORT-B'].map((sku) => ({ sku, quantity: 2 }));
  return {
    paid: await one('PAID'),
    short: await platform.place(short),
    declined: await one('DECLINED', 'pm_card_visa_chargeDeclined'),
    refunded: await one('RETURNED'),
    shipped: await one('SHIPPED'),
  };
}
type Orders = Awaited<ReturnType<typeof placeOneOfEach>>;

async function expectAllRight(orders: Orders): Promise<void> {
  const ends = [
    [orders.paid, 'CONFIRMED', { PAID: 10 }],
    [orders.short, 'CANCELLED', { 'SHORT-A': 10, 'SHORT-B': 1 }],
    [orders.declined, 'CANCELLED', { DECLINED: 10 }],
    [orders.refunded, 'CANCELLED', { RETURNED: 10 }],
    [orders.shipped, 'SHIPPED', { SHIPPED: 10 }],
  ] as const;
  for (const [orderId, status, received] of ends) {
    await platform.reaches(orderId, status);
    await eventually(async () => (await platform.typesOf(`reservation-${orders.shipped}`)).at(-1) === 'InventoryShipped');
    await expectRightEnd(platform, orderId, new Map(Object.entries(received)));
  }
}

async function cancelAndShip({ refunded, shipped }: Orders): Promise<void> {
  await platform.reaches(refunded, 'CONFIRMED');
  await platform.cancel(refunded);
  await platform.reaches(shipped, 'CONFIRMED');
  await platform.ship(shipped);
}

describe('the process manager', () => {
  it('ends every order right when every event is delivered twice, one by one', async () => {
    platform.run({ store: twice(platform.store) });
    const orders = await placeOneOfEach();
    await cancelAndShip(orders);
    await expectAllRight(orders);
  });

  it('ends every order right when, again and again in the middle of it, all is delivered from the start', async () => {
    let isOver = false;
    let starts = 0;
    /** A process that knows of nothing reads the whole log, goes on for a few writes of its own, and is followed by the next. */
    const readAnew = async () => {
      while (!isOver) {
        await platform.database.query('DELETE FROM checkpoints');
        const handler = createCommandHandler(platform.store);
        const runner = platform.run({ handler, store: twice(platform.store), leaseMilliseconds: 60_000 });
        starts += 1;
        await eventually(() => runner.status().state === 'running');
        const appends = platform.appends();
        await eventually(() => isOver || platform.appends() > appends + 10);
        await runner.stop(10_000);
      }
    };
    const reading = readAnew();
    const orders = await placeOneOfEach();
    await cancelAndShip(orders);
    await expectAllRight(orders);
    isOver = true;
    await reading;
    expect(starts).toBeGreaterThan(3);
  });
});
