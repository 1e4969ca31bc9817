import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { GatewayRefused } from '../../../src/commands/payment-gateway.js';
import type { Work } from '../../../src/commands/process-manager/work.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import { order } from '../../../src/domain/order/order.js';
import { payment } from '../../../src/domain/payment/payment.js';
import { available, stock } from '../../../src/domain/stock/stock.js';
import { withGatewayFaults } from '../../faults/gateway-faults.js';
import { eventually } from '../../support/condition.js';
import { withFaults } from '../../support/event-store.js';
import { type Fulfilment, startFulfilment } from '../../support/fulfilment.js';

let platform: Fulfilment;
beforeEach(async () => {
  platform = await startFulfilment();
});
afterEach(() => platform.close());

const stockOf = async (sku: string) => (await platform.handler.load(stock, sku, 'head')).state;

describe('the process manager', () => {
  it('takes a one-line order from CREATED to CONFIRMED in at most 13 appends', async () => {
    await platform.receive('A', 10);
    platform.run();
    const before = platform.appends();
    const orderId = await platform.place([{ sku: 'A', quantity: 3 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    expect(platform.appends() - before).toBeLessThanOrEqual(13);
    expect(await platform.ledger()).toMatchObject({ captured: 300, held: 0 });
  });

  it('voids, releases and cancels, in that order, when stock is short', async () => {
    await platform.receive('A', 10);
    await platform.receive('B', 1);
    platform.run();
    const orderId = await platform.place([
      { sku: 'A', quantity: 3 },
      { sku: 'B', quantity: 2 },
    ]);
    await platform.reaches(orderId, 'CANCELLED');
    expect(await platform.typesOf(`order-${orderId}`)).toEqual([
      'OrderCreated',
      'OrderPaymentRequested',
      'OrderPaymentAuthorized',
      'OrderCancellationRequested',
      'OrderPaymentVoided',
      'OrderCancelled',
    ]);
    expect(await platform.typesOf(`reservation-${orderId}`)).toEqual([
      'InventoryReservationRequested',
      'InventoryReservationFailed',
      'InventoryReleaseRequested',
      'InventoryReleased',
    ]);
    expect(available(await stockOf('A'))).toBe(10);
    expect(await platform.ledger()).toMatchObject({ captured: 0, held: 0 });
  });

  it('never takes half of an order: two orders that want the same last units over several SKUs', async () => {
    await platform.receive('A', 1);
    await platform.receive('B', 1);
    platform.run();
    const lines = [
      { sku: 'A', quantity: 1 },
      { sku: 'B', quantity: 1 },
    ];
    const orders = await Promise.all([platform.place(lines), platform.place([...lines].reverse())]);
    const statuses = await eventually(async () => {
      const states = await Promise.all(orders.map(async (id) => (await platform.handler.load(order, id, 'head')).state.status));
      return states.every((status) => status === 'CONFIRMED' || status === 'CANCELLED') && states;
    });
    expect([...statuses].sort()).toEqual(['CANCELLED', 'CONFIRMED']);
    expect(await platform.ledger()).toMatchObject({ captured: 200, held: 0 });
    expect([(await stockOf('A')).open.size, (await stockOf('B')).open.size]).toEqual([1, 1]);
  });

  it('cancels an order whose card is declined, and closes the intent', async () => {
    await platform.receive('A', 10);
    platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 1 }], 'pm_card_visa_chargeDeclined');
    await platform.reaches(orderId, 'CANCELLED');
    const { paymentId } = (await platform.handler.load(order, orderId)).state;
    expect(await platform.typesOf(`payment-${paymentId}`)).toEqual(['PaymentRequested', 'GatewayPaymentCreated', 'PaymentFailed']);
    const { intentId } = (await platform.handler.load(payment, paymentId ?? '')).state;
    await eventually(async () => (await platform.gateway.retrieve(intentId ?? '')).state === 'voided');
  });

  it('fails a payment that the gateway will never accept, instead of trying for ever', async () => {
    await platform.receive('A', 10);
    platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 1 }], 'pm_no_such_method');
    await platform.reaches(orderId, 'CANCELLED');
  });

  it('adds nothing when the whole log is delivered again', async () => {
    await platform.receive('A', 10);
    const first = platform.run();
    const confirmed = await platform.place([{ sku: 'A', quantity: 3 }]);
    const short = await platform.place([{ sku: 'A', quantity: 30 }]);
    await platform.reaches(confirmed, 'CONFIRMED');
    await platform.reaches(short, 'CANCELLED');
    await eventually(() => first.status().outstanding === 0);
    await first.stop(10_000);
    const before = await countAll();
    const again = platform.run({
      handler: createCommandHandler(platform.store),
      checkpoints: fromStart('replayed'),
      work: unsaved(platform.work),
    });
    await eventually(() => again.status().state === 'running' && again.status().outstanding === 0);
    expect(await countAll()).toBe(before);
    expect(await platform.ledger()).toMatchObject({ captured: 300, held: 0 });
  });

  it('charges nobody twice when the log is delivered again after the gateway has forgotten its keys', async () => {
    await platform.receive('A', 100);
    const first = platform.run();
    const orders = await Promise.all(Array.from({ length: 30 }, () => platform.place([{ sku: 'A', quantity: 1 }])));
    for (const orderId of orders) await platform.reaches(orderId, 'CONFIRMED');
    await eventually(() => first.status().outstanding === 0);
    await first.stop(10_000);
    const { gateway } = platform;
    let changes = 0;
    const forgotten = <Request extends { idempotencyKey: string }>(request: Request): Request => {
      changes += 1;
      return { ...request, idempotencyKey: `${request.idempotencyKey}, a day later` };
    };
    // Event by event, so that each reaction runs as early as it can.
    const oneByOne = withFaults(platform.store, {
      follow: async function* (options) {
        for await (const { events, caughtUp } of platform.store.follow(options)) {
          for (const event of events) yield { events: [event], caughtUp: false };
          if (caughtUp) yield { events: [], caughtUp };
        }
      },
    });
    const again = platform.run({
      store: oneByOne,
      readAhead: 0.5,
      handler: createCommandHandler(platform.store),
      checkpoints: fromStart('replayed'),
      work: unsaved(platform.work),
      gateway: withGatewayFaults(gateway, {
        create: (request) => gateway.create(forgotten(request)),
        confirm: (request) => gateway.confirm(forgotten(request)),
        capture: (request) => gateway.capture(forgotten(request)),
      }),
    });
    await eventually(() => again.status().state === 'running' && again.status().outstanding === 0);
    expect(changes).toBe(0);
    expect(await platform.ledger()).toMatchObject({ captured: 3000, held: 0 });
  });

  it('goes on with all others while one payment stays pending, however many events come behind it', async () => {
    await platform.receive('A', 1000);
    const { gateway } = platform;
    let stuck: string | null = null;
    const runner = platform.run({
      readAhead: 50,
      gateway: withGatewayFaults(gateway, {
        confirm: async (request) => {
          stuck ??= request.intentId;
          const snapshot = await gateway.retrieve(request.intentId);
          return request.intentId === stuck ? { ...snapshot, state: 'pending' as const } : gateway.confirm(request);
        },
        retrieve: async (intentId) => ({
          ...(await gateway.retrieve(intentId)),
          ...(intentId === stuck ? { state: 'pending' as const } : {}),
        }),
      }),
    });
    await platform.place([{ sku: 'A', quantity: 1 }]);
    await eventually(() => stuck !== null && runner.status().problem !== null);
    const others = await Promise.all(Array.from({ length: 20 }, () => platform.place([{ sku: 'A', quantity: 1 }])));
    for (const orderId of others) await platform.reaches(orderId, 'CONFIRMED');
    expect(runner.status().outstanding).toBeLessThan(50);
  });

  it('raises attention, and is not held up, when the gateway refuses for good what it must not refuse', async () => {
    await platform.receive('A', 10);
    const { gateway } = platform;
    const runner = platform.run({
      gateway: withGatewayFaults(gateway, {
        capture: async () => {
          throw new GatewayRefused('No such intent.', { blame: 'request', code: 'resource_missing' });
        },
      }),
    });
    const orderId = await platform.place([{ sku: 'A', quantity: 1 }]);
    await eventually(async () =>
      (await platform.handler.load(order, orderId, 'head')).state.attention.some(({ code }) => code === 'gateway-resource_missing'),
    );
    await eventually(() => runner.status().outstanding === 0);
  });

  it('a capture whose outcome is pending is asked about again, not taken for declined', async () => {
    await platform.receive('A', 10);
    const { gateway } = platform;
    let captures = 0;
    platform.run({
      gateway: withGatewayFaults(gateway, {
        capture: async (request) => {
          captures += 1;
          return { ...(await gateway.capture(request)), state: 'pending' as const };
        },
      }),
    });
    const orderId = await platform.place([{ sku: 'A', quantity: 2 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    expect(captures).toBe(1);
    expect(await platform.ledger()).toMatchObject({ captured: 200, held: 0 });
  });

  it('goes on where its predecessor stopped, without what that had answered', async () => {
    await platform.receive('A', 10);
    const first = platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 1 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    await eventually(() => first.status().outstanding === 0);
    await first.stop(10_000);
    const second = platform.run();
    await eventually(() => second.status().state === 'running');
    const next = await platform.place([{ sku: 'A', quantity: 1 }]);
    await platform.reaches(next, 'CONFIRMED');
    await eventually(() => (second.status().position ?? 0n) > (first.status().position ?? 0n));
  });

  it('stands by while another process holds the lease, and takes over within seconds when that is gone', async () => {
    await platform.receive('A', 10);
    const first = platform.run({ leaseMilliseconds: 1000 });
    await eventually(() => first.status().state === 'running');
    const second = platform.run({ leaseMilliseconds: 1000 });
    const orderId = await platform.place([{ sku: 'A', quantity: 1 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    expect(second.status().state).toBe('standing-by');
    await first.stop(10_000);
    await eventually(() => second.status().state === 'running', 5000);
    await platform.reaches(await platform.place([{ sku: 'A', quantity: 1 }]), 'CONFIRMED');
  });
});

describe('unknown is not failed', () => {
  it('a payment reply that is lost after the charge: the ledger holds one charge', async () => {
    await platform.receive('A', 10);
    let lost = 0;
    const losing = async <T>(ask: Promise<T>): Promise<T> => {
      const answer = await ask;
      lost += 1;
      if (lost <= 3) throw new OutcomeUnknown('The reply was lost.');
      return answer;
    };
    const { gateway } = platform;
    platform.run({
      gateway: withGatewayFaults(gateway, {
        create: (request) => losing(gateway.create(request)),
        confirm: (request) => losing(gateway.confirm(request)),
        capture: (request) => losing(gateway.capture(request)),
      }),
    });
    const orderId = await platform.place([{ sku: 'A', quantity: 2 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    expect(lost).toBeGreaterThan(3);
    expect(await platform.ledger()).toMatchObject({ captured: 200, held: 0 });
  });

  it('a gateway that is away delays its own orders only, and they settle when it is back', async () => {
    await platform.receive('A', 10);
    let away = true;
    const { gateway } = platform;
    const runner = platform.run({
      gateway: withGatewayFaults(gateway, {
        create: (request) => {
          if (away && request.method === 'pm_card_visa') throw new Unavailable('Nobody there.');
          return gateway.create(request);
        },
      }),
    });
    const delayed = await platform.place([{ sku: 'A', quantity: 1 }]);
    await eventually(() => runner.status().problem !== null);
    const other = await platform.place([{ sku: 'A', quantity: 1 }], 'pm_card_visa_chargeDeclined');
    await platform.reaches(other, 'CANCELLED');
    away = false;
    await platform.reaches(delayed, 'CONFIRMED');
  });

  it('appends whose replies are lost now and then: every order settles once', async () => {
    await platform.receive('A', 100);
    let calls = 0;
    const lossy = withFaults(platform.store, {
      append: async (...call) => {
        calls += 1;
        const lose = calls % 5;
        if (lose === 1) throw new OutcomeUnknown('The request was lost.');
        const result = await platform.store.append(...call);
        if (lose === 2) throw new OutcomeUnknown('The reply was lost.');
        return result;
      },
    });
    platform.run({ handler: createCommandHandler(lossy) });
    const orders = await Promise.all(Array.from({ length: 20 }, () => platform.place([{ sku: 'A', quantity: 1 }])));
    for (const orderId of orders) await platform.reaches(orderId, 'CONFIRMED');
    const state = await stockOf('A');
    expect([state.open.size, available(state)]).toEqual([20, 80]);
    expect(await platform.ledger()).toMatchObject({ captured: 2000, held: 0 });
  });
});

const countAll = async () => {
  let count = 0;
  for await (const { stream } of platform.store.readAll()) if (!stream.startsWith('$')) count += 1;
  return count;
};

/** Checkpoints that know of nothing: a runner on them begins at the log's start. */
function fromStart(name: string) {
  return {
    acquire: async () => ({
      outcome: 'acquired' as const,
      lease: { names: [name], epoch: 1n },
      checkpoints: new Map([['process-manager', { name: 'process-manager', version: 1, logId: 'test', place: null }]]),
    }),
    renew: async () => true,
    release: async () => {},
    advance: async () => {},
    read: async () => new Map(),
  };
}

/** Work rows under a lease that the database knows nothing of: the checkpoint is not saved. */
const unsaved = (work: Work): Work => ({ ...work, save: async () => {} });
