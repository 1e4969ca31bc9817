import { describe, expect, it } from 'vitest';
import { available, type StockCommand, type StockEvent, stock } from '../../../src/domain/stock/stock.js';
import { given, stateAfter } from '../given-when-then.js';

const orderId = (n: number) => `01985c5e-0000-7000-8000-${String(n).padStart(12, '0')}`;
const receipt = (n: number) => `01985c5e-0000-5000-8000-${String(n).padStart(12, '0')}`;

const received = (warehouse: string, quantity: number, n = 1): StockEvent => ({
  type: 'StockReceived',
  data: { commandId: receipt(n), warehouse, quantity, unitCost: null, currency: null },
});
const reserved = (n: number, ...portions: { warehouse: string; quantity: number }[]): StockEvent => ({
  type: 'StockReserved',
  data: { orderId: orderId(n), requestedAt: '100', portions },
});
const released = (n: number, ...portions: { warehouse: string; quantity: number }[]): StockEvent => ({
  type: 'StockReleased',
  data: { orderId: orderId(n), requestedAt: '100', portions },
});
const shipped = (n: number, ...portions: { warehouse: string; quantity: number }[]): StockEvent => ({
  type: 'StockShipped',
  data: { orderId: orderId(n), requestedAt: '100', portions },
});
const receive = (warehouse: string, quantity: number, n = 1): StockCommand => ({
  type: 'ReceiveStock',
  commandId: receipt(n),
  warehouse,
  quantity,
  unitCost: null,
  currency: null,
});
const reserve = (n: number, quantity: number, priority = ['main', 'north'], requestedAt = '100'): StockCommand => ({
  type: 'ReserveStock',
  orderId: orderId(n),
  requestedAt,
  quantity,
  priority,
});
const release = (n: number): StockCommand => ({ type: 'ReleaseStock', orderId: orderId(n), requestedAt: '100' });
const ship = (n: number): StockCommand => ({ type: 'ShipStock', orderId: orderId(n), requestedAt: '100' });
const main = (quantity: number) => ({ warehouse: 'main', quantity });
const north = (quantity: number) => ({ warehouse: 'north', quantity });

describe('stock is received', () => {
  it('into a warehouse', () => given(stock).when(receive('main', 5)).thenEvents(received('main', 5)));
  it('once: the same command again adds nothing', () =>
    given(stock, [received('main', 5)])
      .when(receive('main', 5))
      .thenNothing());
  it('not beyond what can be counted', () =>
    given(stock, [received('main', Number.MAX_SAFE_INTEGER)])
      .when(receive('north', 1, 2))
      .thenRefused({ code: 'stock-too-large', onHand: Number.MAX_SAFE_INTEGER, quantity: 1 }));
});

describe('stock is reserved', () => {
  it('from one warehouse if one can serve it, though another comes first', () =>
    given(stock, [received('main', 5), received('north', 9, 2)])
      .when(reserve(1, 7))
      .thenEvents(reserved(1, north(7))));
  it('from the first in priority where several can', () =>
    given(stock, [received('north', 9), received('main', 9, 2)])
      .when(reserve(1, 7))
      .thenEvents(reserved(1, main(7))));
  it('split by priority where none can alone', () =>
    given(stock, [received('north', 9), received('main', 5, 2)])
      .when(reserve(1, 12))
      .thenEvents(reserved(1, main(5), north(7))));
  it('from warehouses that have no priority too, last and by id', () =>
    given(stock, [received('b', 2), received('a', 2, 2), received('main', 1, 3)])
      .when(reserve(1, 4))
      .thenEvents(reserved(1, main(1), { warehouse: 'a', quantity: 2 }, { warehouse: 'b', quantity: 1 })));
  it('not when it is not there, and says how much is', () =>
    given(stock, [received('main', 5), reserved(1, main(3))])
      .when(reserve(2, 3))
      .thenRefused({ code: 'stock-insufficient', requested: 3, available: 2 }));
  it('once: a repeat answers with nothing new', () =>
    given(stock, [received('main', 5), reserved(1, main(3))])
      .when(reserve(1, 3))
      .thenNothing());
  it('not after it was released: the door is closed', () =>
    given(stock, [received('main', 5), reserved(1, main(3)), released(1, main(3))])
      .when(reserve(1, 3))
      .thenRefused({ code: 'reservation-closed', orderId: orderId(1) }));
  it('not after a release that came first', () =>
    given(stock, [received('main', 5), released(1)])
      .when(reserve(1, 3))
      .thenRefused({ code: 'reservation-closed', orderId: orderId(1) }));
});

describe('stock is released and shipped', () => {
  const history = [received('main', 5), received('north', 5, 2), reserved(1, main(5), north(2))];
  it('released in the portions in which it was taken', () =>
    given(stock, history)
      .when(release(1))
      .thenEvents(released(1, main(5), north(2))));
  it('released where nothing is open, which closes the claim', () =>
    given(stock, history).when(release(2)).thenEvents(released(2)));
  it('released once', () =>
    given(stock, [...history, released(1, main(5), north(2))])
      .when(release(1))
      .thenNothing());
  it('shipped in the portions in which it was taken, once', () => {
    given(stock, history)
      .when(ship(1))
      .thenEvents(shipped(1, main(5), north(2)));
    given(stock, [...history, shipped(1, main(5), north(2))])
      .when(ship(1))
      .thenNothing();
  });
  it('not shipped without a reservation', () =>
    given(stock, history)
      .when(ship(2))
      .thenRefused({ code: 'reservation-unknown', orderId: orderId(2) }));
});

describe('stock remembers without growing', () => {
  it('a claim that may have been forgotten is refused as unknown, and granted when the reservation is known to be open', () => {
    const history = [received('main', 100_000)];
    for (let n = 1; n <= 9000; n += 1) history.push(reserved(n, main(1)), shipped(n, main(1)));
    const state = stateAfter(stock, history);
    const again = stock.decide({ ...reserve(1, 1), requestedAt: '100' } as StockCommand, state);
    expect(again).toStrictEqual({ outcome: 'refused', refusal: { code: 'reservation-unknown', orderId: orderId(1) } });
    expect(stock.decide({ ...reserve(9001, 1), stillOpen: true } as StockCommand, state).outcome).toBe('decided');
    expect(stock.decide(reserve(9002, 1, ['main'], '101'), state).outcome).toBe('decided');
    expect(stock.decide(reserve(9000, 1), state)).toStrictEqual({
      outcome: 'refused',
      refusal: { code: 'reservation-closed', orderId: orderId(9000) },
    });
    expect(state.closed.newer.ids.size + state.closed.older.ids.size).toBeLessThanOrEqual(8192);
    expect(state.open.size).toBe(0);
    expect(available(state)).toBe(91_000);
  });
});
