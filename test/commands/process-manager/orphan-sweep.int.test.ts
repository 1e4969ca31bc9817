// Claims on stock that nobody would close: found by the sweep, given back, and somebody is told.

import { v7 as uuid7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { type OrphanCandidate, orphanSweep } from '../../../src/commands/process-manager/orphan-sweep.js';
import { reservation } from '../../../src/domain/reservation/reservation.js';
import { available, stock } from '../../../src/domain/stock/stock.js';
import { eventually } from '../../support/condition.js';
import { withFaults } from '../../support/event-store.js';
import { type Fulfilment, startFulfilment } from '../../support/fulfilment.js';

const quiet = { info() {}, warn() {}, error() {} };

let platform: Fulfilment;
beforeEach(async () => {
  platform = await startFulfilment();
  for (const sku of ['A', 'B']) await platform.receive(sku, 10);
});
afterEach(() => platform.close());

const stockOf = async (sku: string) => (await platform.handler.load(stock, sku, 'head')).state;
const attentionOf = async (orderId: string) => (await platform.orderOf(orderId)).attention;

/** Claims two units of B for the order, past its reservation. */
async function plant(orderId: string): Promise<OrphanCandidate> {
  const requestedAt = '1';
  const context = { commandId: uuid7(), correlationId: orderId, actor: 'test', at: new Date().toISOString() };
  const command = { type: 'ReserveStock', orderId, requestedAt, quantity: 2, priority: ['main'] } as const;
  await platform.handler.handle(stock, 'B', command, context);
  expect((await stockOf('B')).open.has(orderId)).toBe(true);
  return { orderId, sku: 'B', requestedAt };
}

/** Sweeps over these until it has come to the end several times. */
async function sweep(candidates: readonly OrphanCandidate[], store = platform.store): Promise<void> {
  let sweeps = 0;
  const chore = orphanSweep({
    handler: createCommandHandler(store),
    log: quiet,
    every: 20,
    candidates: async () => {
      sweeps += 1;
      return candidates;
    },
  });
  const runner = platform.run({ chores: [chore] });
  await eventually(() => sweeps > 2);
  await runner.stop(10_000);
}

describe('the orphan sweep', () => {
  it('releases the claim of an order that has no reservation, and raises attention once', async () => {
    const orderId = await platform.place([{ sku: 'A', quantity: 3 }]);
    await platform.cancel(orderId);
    await sweep([await plant(orderId)]);
    expect(available(await stockOf('B'))).toBe(10);
    expect(await attentionOf(orderId)).toMatchObject([{ code: 'stock-orphaned' }]);
  });

  it('tells somebody before it closes the claim: a process that dies in between has not done it in silence', async () => {
    const orderId = await platform.place([{ sku: 'A', quantity: 3 }]);
    await platform.cancel(orderId);
    const candidate = await plant(orderId);
    const appended: string[] = [];
    const noting = withFaults(platform.store, {
      append: (stream, events, expected) => {
        appended.push(...events.map(({ type }) => type));
        return platform.store.append(stream, events, expected);
      },
    });
    await sweep([candidate], noting);
    expect(appended).toEqual(['OrderAttentionRaised', 'StockReleased']);
  });

  it('releases the claim of an order whose reservation was released', async () => {
    const first = platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 30 }]);
    await platform.reaches(orderId, 'CANCELLED');
    await first.stop(10_000);
    await sweep([await plant(orderId)]);
    expect(available(await stockOf('B'))).toBe(10);
    expect(await attentionOf(orderId)).toMatchObject([{ code: 'stock-orphaned' }]);
  });

  it('ships the claim of an order that was shipped: its units have left the house', async () => {
    const first = platform.run();
    const orderId = await platform.place([{ sku: 'A', quantity: 3 }]);
    await platform.reaches(orderId, 'CONFIRMED');
    await platform.ship(orderId);
    await eventually(async () => (await platform.typesOf(`reservation-${orderId}`)).at(-1) === 'InventoryShipped');
    await first.stop(10_000);
    await sweep([await plant(orderId)]);
    const { warehouses, open } = await stockOf('B');
    expect([warehouses.get('main')?.onHand, open.size]).toEqual([8, 0]);
    expect(await attentionOf(orderId)).toMatchObject([{ code: 'stock-orphaned' }]);
  });

  it('releases the claim of an order that never was', async () => {
    await sweep([await plant(uuid7())]);
    expect(available(await stockOf('B'))).toBe(10);
  });

  it('leaves the claims of open reservations alone, whatever the read model says', async () => {
    const first = platform.run();
    const confirmed = await platform.place([{ sku: 'A', quantity: 3 }]);
    await platform.reaches(confirmed, 'CONFIRMED');
    await first.stop(10_000);
    const requested = uuid7();
    const context = { commandId: uuid7(), correlationId: requested, actor: 'test', at: new Date().toISOString() };
    const items = [{ sku: 'B', quantity: 2 }];
    const command = { type: 'RequestReservation', orderId: requested, items } as const;
    await platform.handler.handle(reservation, requested, command, context);
    const claim = await plant(requested);
    await sweep([{ orderId: confirmed, sku: 'A', requestedAt: '1' }, claim]);
    expect((await stockOf('A')).open.has(confirmed)).toBe(true);
    expect((await stockOf('B')).open.has(requested)).toBe(true);
    expect(await attentionOf(confirmed)).toEqual([]);
  });
});
