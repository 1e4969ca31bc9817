// The saga as a model: the real deciders and the process manager's real pure half over streams in memory, with a gateway and workers
// that do what theirs do. Deliveries come in any order and more than once; whatever the schedule, every order must end right.

import fc from 'fast-check';
import { v5 as uuid5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Decider } from '../../src/domain/decider.js';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { type FulfilmentPolicy, react } from '../../src/domain/fulfilment/fulfilment.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import { order } from '../../src/domain/order/order.js';
import { type PaymentCommand, payment } from '../../src/domain/payment/payment.js';
import { type ReservationCommand, reservation } from '../../src/domain/reservation/reservation.js';
import { available, type StockCommand, stock } from '../../src/domain/stock/stock.js';

const policy: FulfilmentPolicy = {
  paymentTimeout: 900_000,
  reservationExpiry: 1_800_000,
  shipWithin: 259_200_000,
  deliverWithin: 2_592_000_000,
  attentionAfter: 3_600_000,
};
const at = '2026-01-01T00:00:00.000Z';
const namespace = '01985c5e-0000-5000-8000-00000000ffff';
const deriveId = (orderId: string, purpose: string, attempt: number) => uuid5(`${purpose}/${attempt}`, orderId);
const orderIdOf = (n: number) => uuid5(`order-${n}`, namespace);

interface Placed {
  readonly method: 'pays' | 'declines';
  readonly lines: readonly { sku: string; quantity: number }[];
}

/** Runs the orders to the end; `choose` picks which of the pending deliveries comes next and whether it comes again later. */
function run(
  orders: readonly Placed[],
  opening: ReadonlyMap<string, number>,
  choose: (pending: number) => { next: number; again: boolean },
) {
  const streams = new Map<string, DomainEvent[]>();
  const pending: Recorded<DomainEvent>[] = [];
  let position = 0n;
  const load = <S, C, E extends DomainEvent, R>({ category, initialState, evolve }: Decider<S, C, E, R>, id: string): S =>
    ((streams.get(`${category}-${id}`) ?? []) as E[]).reduce(evolve, initialState);

  function send<S, C, E extends DomainEvent, R>(decider: Decider<S, C, E, R>, id: string, correlation: string, command: C) {
    const decision = decider.decide(command, load(decider, id));
    if (decision.outcome === 'refused') return decision;
    const stream = `${decider.category}-${id}`;
    const events = streams.get(stream) ?? [];
    for (const event of decision.events) {
      events.push(event);
      position += 1n;
      const metadata = {
        $correlationId: correlation,
        $causationId: correlation,
        commandId: correlation,
        actor: 'm',
        schemaVersion: 1,
        appVersion: '0',
        occurredAt: at,
      };
      pending.push({
        event,
        id: deriveId(correlation, stream, events.length),
        stream,
        revision: events.length - 1,
        position,
        at,
        metadata,
      });
    }
    streams.set(stream, events);
    return decision;
  }

  function deliver(recorded: Recorded<DomainEvent>) {
    const { event, metadata, stream } = recorded;
    const orderId = metadata.$correlationId;
    if (stream.startsWith('stock-')) return;
    for (const next of react(recorded, load(order, orderId), policy, deriveId)) {
      if (next.to === 'order') send(order, next.id, orderId, next.command);
      else if (next.to === 'payment') send(payment, next.id, orderId, next.command);
      else send(reservation, next.id, orderId, next.command);
    }
    const toPayment = (command: PaymentCommand) => void send(payment, stream.slice('payment-'.length), orderId, command);
    const toReservation = (command: ReservationCommand) => void send(reservation, orderId, orderId, command);
    const toStock = (sku: string, command: StockCommand) => send(stock, sku, orderId, command);
    const state = load(payment, stream.slice('payment-'.length));
    const claim = { orderId, requestedAt: '1' };
    switch (event.type) {
      case 'PaymentRequested':
        if (state.status === 'REQUESTED') toPayment({ type: 'RecordGatewayPayment', gateway: 'm', intentId: 'pi' });
        return;
      case 'GatewayPaymentCreated':
        if (state.status !== 'CREATED') return;
        if (state.request?.method === 'pays')
          toPayment({ type: 'RecordAuthorization', amount: state.request.amount, captureBefore: null });
        else toPayment({ type: 'RecordPaymentFailure', code: 'card_declined', message: 'No.' });
        return;
      case 'PaymentCaptureRequested':
        if (state.status === 'CAPTURING') toPayment({ type: 'RecordCapture', amount: event.data.amount });
        return;
      case 'PaymentVoidRequested':
        if (state.status === 'VOIDING') toPayment({ type: 'RecordVoid', expired: false });
        return;
      case 'InventoryReservationRequested': {
        const allocations = [];
        for (const { sku, quantity } of event.data.items) {
          const decision = toStock(sku, { type: 'ReserveStock', ...claim, quantity, priority: ['main'] });
          if (decision.outcome === 'refused') {
            if (decision.refusal.code === 'stock-insufficient')
              toReservation({
                type: 'RecordShortage',
                shortages: [{ sku, requested: quantity, available: decision.refusal.available }],
              });
            return;
          }
          for (const portion of load(stock, sku).open.get(orderId) ?? []) allocations.push({ sku, ...portion });
        }
        toReservation({ type: 'RecordReserved', allocations });
        return;
      }
      case 'InventoryReleaseRequested':
        for (const { sku } of load(reservation, orderId).items) toStock(sku, { type: 'ReleaseStock', ...claim });
        toReservation({ type: 'RecordReleased' });
        return;
    }
  }

  for (const [sku, quantity] of opening)
    send(stock, sku, namespace, {
      type: 'ReceiveStock',
      commandId: uuid5(sku, namespace),
      warehouse: 'main',
      quantity,
      unitCost: null,
      currency: null,
    });
  for (const [n, { method, lines }] of orders.entries()) {
    const orderId = orderIdOf(n);
    send(order, orderId, orderId, {
      type: 'CreateOrder',
      order: {
        orderId,
        principal: 'm',
        reference: null,
        requestHash: String(n),
        customerId: 'c',
        currency: 'GBP',
        placedAt: at,
        paymentMethod: method,
        lines: lines.map((line, index) => ({ ...line, line: index + 1, description: null, unitPrice: 100 })),
      },
    });
  }
  while (pending.length > 0) {
    const { next, again } = choose(pending.length);
    const [recorded] = pending.splice(next, 1);
    if (recorded === undefined) break;
    if (again) pending.push(recorded);
    deliver(recorded);
  }
  return { streams, load };
}

const skus = ['A', 'B', 'C'];
const placed: fc.Arbitrary<Placed> = fc.record({
  method: fc.constantFrom('pays', 'pays', 'pays', 'declines'),
  lines: fc.array(fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const schedule = fc.array(fc.record({ next: fc.nat(), again: fc.boolean() }), { minLength: 50, maxLength: 400 });

describe('the saga, in any order of deliveries and with any of them repeated', () => {
  it('ends every order CONFIRMED with its money captured and its stock reserved, or CANCELLED with neither', () =>
    fc.assert(
      fc.property(fc.array(placed, { minLength: 1, maxLength: 5 }), schedule, (orders, steps) => {
        let step = 0;
        const opening = new Map(skus.map((sku) => [sku, 6]));
        const { streams, load } = run(orders, opening, (length) => {
          const chosen = steps[step];
          step += 1;
          return chosen === undefined ? { next: 0, again: false } : { next: chosen.next % length, again: chosen.again };
        });
        const taken = new Map(skus.map((sku) => [sku, 0]));
        for (const [n, { method, lines }] of orders.entries()) {
          const orderId = orderIdOf(n);
          const { status, attention } = load(order, orderId);
          const paid = load(payment, deriveId(orderId, 'payment', 1)).status;
          const kept = load(reservation, orderId).status;
          expect(attention).toEqual([]);
          if (method === 'declines') expect([status, paid, kept]).toEqual(['CANCELLED', 'FAILED', 'NONE']);
          else if (status === 'CONFIRMED') {
            expect([paid, kept]).toEqual(['CAPTURED', 'RESERVED']);
            for (const { sku, quantity } of lines) taken.set(sku, (taken.get(sku) ?? 0) + quantity);
          } else expect([status, paid, kept]).toEqual(['CANCELLED', 'VOIDED', 'RELEASED']);
        }
        for (const [sku, quantity] of taken) {
          expect(quantity).toBeLessThanOrEqual(6);
          expect(available(load(stock, sku))).toBe(6 - quantity);
        }
        const captures = [...streams.values()].flat().filter(({ type }) => type === 'PaymentCaptured');
        expect(captures.length).toBe(orders.filter((_, n) => load(order, orderIdOf(n)).status === 'CONFIRMED').length);
      }),
      { numRuns: 300 },
    ));

  it('settles money before stock: a short order is voided, then released, then cancelled', () => {
    const { streams } = run([{ method: 'pays', lines: [{ sku: 'A', quantity: 7 }] }], new Map([['A', 6]]), () => ({
      next: 0,
      again: false,
    }));
    const types = (streams.get(`order-${orderIdOf(0)}`) ?? []).map(({ type }) => type);
    expect(types).toEqual([
      'OrderCreated',
      'OrderPaymentRequested',
      'OrderPaymentAuthorized',
      'OrderCancellationRequested',
      'OrderPaymentVoided',
      'OrderCancelled',
    ]);
  });
});
