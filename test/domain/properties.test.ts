// What holds for every aggregate, over random histories that its own decisions made.

import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decider } from '../../src/domain/decider.js';
import { order } from '../../src/domain/order/order.js';
import { orderEvents } from '../../src/domain/order/order-events.js';
import { payment, paymentEvents } from '../../src/domain/payment/payment.js';
import { product, productEvents } from '../../src/domain/product/product.js';
import { reservation, reservationEvents } from '../../src/domain/reservation/reservation.js';
import { available, type StockEvent, stock, stockEvents } from '../../src/domain/stock/stock.js';
import { warehouse, warehouseEvents } from '../../src/domain/warehouse/warehouse.js';
import {
  histories,
  live,
  orderCommands,
  paymentCommands,
  productCommands,
  reservationCommands,
  stockCommands,
  warehouseCommands,
} from './commands.js';
import type { Standings } from './walk/cases.js';
import { orderCases } from './walk/order-cases.js';
import { paymentCases } from './walk/payment-cases.js';
import { reservationCases } from './walk/reservation-cases.js';

function holdsForEvery<State, Command, Event extends { type: string; data: unknown }, Refusal>(
  name: string,
  decider: Decider<State, Command, Event, Refusal>,
  command: fc.Arbitrary<Command>,
  schemas: { readonly [type: string]: { parse(data: unknown): unknown } },
  ways?: Standings<string, Command>,
) {
  const commands = histories(command, ways);
  describe(name, () => {
    it('a repeated command decides nothing', () =>
      fc.assert(
        fc.property(commands, (sent) =>
          live(decider, sent, ({ command, state, events }) => {
            if (events.length === 0) return;
            const again = decider.decide(command, state);
            expect(again.outcome === 'decided' ? again.events : again).toEqual([]);
          }),
        ),
      ));
    it('deciding changes nothing: only events do', () =>
      fc.assert(
        fc.property(commands, command, (sent, next) => {
          const states = [decider.initialState];
          live(decider, sent, ({ state }) => void states.push(state));
          for (const state of states) {
            const before = inspect(state, { depth: null });
            decider.decide(next, state);
            expect(inspect(state, { depth: null })).toBe(before);
          }
        }),
      ));
    it('the same events give the same state, and every event fits its schema', () =>
      fc.assert(
        fc.property(commands, (sent) => {
          const history: Event[] = [];
          live(decider, sent, ({ state, events }) => {
            for (const event of events) expect(schemas[event.type]?.parse(event.data)).toEqual(event.data);
            history.push(...events);
            expect(history.reduce(decider.evolve, decider.initialState)).toEqual(state);
          });
        }),
      ));
    it('evolve is total: any event in any order leaves a state that decides', () =>
      fc.assert(
        fc.property(commands, fc.array(fc.nat(), { maxLength: 40 }), command, (sent, shuffle, next) => {
          const history: Event[] = [];
          live(decider, sent, ({ events }) => void history.push(...events));
          if (history.length === 0) return;
          const picked = shuffle.flatMap((n) => history[n % history.length] ?? []);
          const state = picked.reduce(decider.evolve, decider.initialState);
          expect(['decided', 'refused']).toContain(decider.decide(next, state).outcome);
        }),
      ));
  });
}

holdsForEvery('order', order, orderCommands, orderEvents, orderCases.standings);
holdsForEvery('payment', payment, paymentCommands, paymentEvents, paymentCases.standings);
holdsForEvery('reservation', reservation, reservationCommands, reservationEvents, reservationCases.standings);
holdsForEvery('stock', stock, stockCommands, stockEvents);
holdsForEvery('product', product, productCommands, productEvents);
holdsForEvery('warehouse', warehouse, warehouseCommands, warehouseEvents);

describe('stock, at every revision', () => {
  const commands = fc.array(stockCommands, { maxLength: 80 });
  // Oversell needs several orders after the same units: enough runs that a defect never slips through.
  const numRuns = 1000;
  const sum = (events: readonly StockEvent[], type: StockEvent['type']) =>
    events
      .flatMap((event) => (event.type === type ? [event.data] : []))
      .reduce((total, data) => {
        if ('portions' in data) return total + data.portions.reduce((n, portion) => n + portion.quantity, 0);
        return total + data.quantity;
      }, 0);

  it('no oversell: reserved <= on hand in every warehouse', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(stock, sent, ({ state }) => {
          for (const { onHand, reserved } of state.warehouses.values()) {
            expect(reserved).toBeGreaterThanOrEqual(0);
            expect(onHand).toBeGreaterThanOrEqual(reserved);
          }
        }),
      ),
      { numRuns },
    ));

  it('conservation: received + returned + adjusted = on hand + damaged + shipped + sold, and open claims sum to reserved', () =>
    fc.assert(
      fc.property(commands, (sent) => {
        const history: StockEvent[] = [];
        live(stock, sent, ({ state, events }) => {
          history.push(...events);
          const holdings = [...state.warehouses.values()];
          const onHand = holdings.reduce((total, holding) => total + holding.onHand, 0);
          const reserved = holdings.reduce((total, holding) => total + holding.reserved, 0);
          const damaged = holdings.reduce((total, holding) => total + holding.damaged, 0);
          const open = [...state.open.entries()]
            .flatMap(([, portions]) => portions)
            .reduce((n, portion) => n + portion.quantity, 0);
          const came = sum(history, 'StockReceived') + sum(history, 'StockReturned') + sum(history, 'StockAdjusted');
          expect(onHand + damaged + sum(history, 'StockShipped') + sum(history, 'ItemSold')).toBe(came);
          expect(open).toBe(reserved);
          expect(available(state)).toBe(onHand - reserved);
        });
      }),
      { numRuns },
    ));

  it('a command id moves units once, whatever comes under it', () =>
    fc.assert(
      fc.property(commands, (sent) => {
        const moved = new Set<string>();
        live(stock, sent, ({ events }) => {
          for (const { data } of events) {
            if (!('commandId' in data)) continue;
            expect(moved).not.toContain(data.commandId);
            moved.add(data.commandId);
          }
        });
      }),
      { numRuns },
    ));

  it('all or nothing: a reservation takes exactly what was asked for', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(stock, sent, ({ command, events }) => {
          if (command.type !== 'ReserveStock' || events.length === 0) return;
          expect(sum(events, 'StockReserved')).toBe(command.quantity);
        }),
      ),
      { numRuns },
    ));
});
