import { describe, expect, it } from 'vitest';
import { type StockCommand, type StockEvent, stock } from '../../../src/domain/stock/stock.js';
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
const adjusted = (warehouse: string, quantity: number, n = 9): StockEvent => ({
  type: 'StockAdjusted',
  data: { commandId: receipt(n), warehouse, quantity, reason: 'stock-take' },
});
const adjust = (warehouse: string, quantity: number, n = 9): StockCommand => ({
  type: 'AdjustStock',
  commandId: receipt(n),
  warehouse,
  quantity,
  reason: 'stock-take',
});
const sold = (warehouse: string, quantity: number, n = 9): StockEvent => ({
  type: 'ItemSold',
  data: { commandId: receipt(n), warehouse, quantity },
});
const sell = (warehouse: string, quantity: number, n = 9): StockCommand => ({
  type: 'SellItem',
  commandId: receipt(n),
  warehouse,
  quantity,
});
const goods = (condition: 'RESALABLE' | 'DAMAGED', quantity: number, n: number) => ({
  commandId: receipt(n),
  returnId: receipt(500),
  orderId: orderId(1),
  warehouse: 'main',
  quantity,
  condition,
});
const returned = (condition: 'RESALABLE' | 'DAMAGED', quantity: number, n = 9): StockEvent => ({
  type: 'StockReturned',
  data: goods(condition, quantity, n),
});
const takeBack = (condition: 'RESALABLE' | 'DAMAGED', quantity: number, n = 9): StockCommand => ({
  type: 'ReturnStock',
  ...goods(condition, quantity, n),
});
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
      .thenRefused({ code: 'stock-too-large', held: Number.MAX_SAFE_INTEGER, quantity: 1 }));
});

describe('stock is adjusted', () => {
  const history = [received('main', 5), received('north', 9, 2), reserved(1, main(3))];
  it('up, to what was found, also where nothing was', () => {
    given(stock, history).when(adjust('main', 4)).thenEvents(adjusted('main', 4));
    given(stock).when(adjust('main', 1)).thenEvents(adjusted('main', 1));
  });
  it('down, to what is reserved in that warehouse', () =>
    given(stock, history).when(adjust('main', -2)).thenEvents(adjusted('main', -2)));
  it('never below what is reserved there, whatever lies elsewhere, and says what is available', () =>
    given(stock, history).when(adjust('main', -3)).thenRefused({ code: 'stock-insufficient', requested: 3, available: 2 }));
  it('never below nothing', () =>
    given(stock, history).when(adjust('south', -1)).thenRefused({ code: 'stock-insufficient', requested: 1, available: 0 }));
  it('not beyond what can be counted, damaged units included', () =>
    given(stock, [received('main', Number.MAX_SAFE_INTEGER - 1), returned('DAMAGED', 1)])
      .when(adjust('north', 1, 2))
      .thenRefused({ code: 'stock-too-large', held: Number.MAX_SAFE_INTEGER, quantity: 1 }));
  it('down to nothing from as much as can be counted', () =>
    given(stock, [received('main', Number.MAX_SAFE_INTEGER)])
      .when(adjust('main', -Number.MAX_SAFE_INTEGER))
      .thenEvents(adjusted('main', -Number.MAX_SAFE_INTEGER)));
  it('once: the same command again adds nothing, though it could not be granted any more', () =>
    given(stock, [...history, adjusted('main', -2)])
      .when(adjust('main', -2))
      .thenNothing());
});

describe('an item is sold at the counter', () => {
  const history = [received('main', 5), received('north', 9, 2), reserved(1, main(3))];
  it('out of what nobody has reserved in that warehouse', () => {
    given(stock, history).when(sell('main', 2)).thenEvents(sold('main', 2));
    given(stock, history).when(sell('main', 3)).thenRefused({ code: 'stock-insufficient', requested: 3, available: 2 });
    given(stock, history).when(sell('south', 1)).thenRefused({ code: 'stock-insufficient', requested: 1, available: 0 });
  });
  it('and is gone for the orders that come after it', () =>
    given(stock, [received('main', 5), sold('main', 4)])
      .when(reserve(1, 2))
      .thenRefused({ code: 'stock-insufficient', requested: 2, available: 1 }));
  it('once', () =>
    given(stock, [...history, sold('main', 2)])
      .when(sell('main', 2))
      .thenNothing());
});

describe('goods come back', () => {
  const history = [received('main', 5), reserved(1, main(5)), shipped(1, main(5))];
  it('resalable: they are on hand again', () => {
    given(stock, history).when(takeBack('RESALABLE', 2)).thenEvents(returned('RESALABLE', 2));
    given(stock, [...history, returned('RESALABLE', 2)])
      .when(reserve(2, 2))
      .thenEvents(reserved(2, main(2)));
  });
  it('damaged: they are counted apart, and nobody can be promised any', () => {
    given(stock, history).when(takeBack('DAMAGED', 2)).thenEvents(returned('DAMAGED', 2));
    const back = [...history, returned('DAMAGED', 2)];
    expect(stateAfter(stock, back).warehouses.get('main')).toEqual({ onHand: 0, reserved: 0, damaged: 2 });
    for (const command of [reserve(2, 1), sell('main', 1, 3), adjust('main', -1, 3)])
      given(stock, back).when(command).thenRefused({ code: 'stock-insufficient', requested: 1, available: 0 });
  });
  it('once', () =>
    given(stock, [...history, returned('RESALABLE', 2)])
      .when(takeBack('RESALABLE', 2))
      .thenNothing());
  it('not beyond what can be counted', () => {
    for (const condition of ['RESALABLE', 'DAMAGED'] as const)
      given(stock, [received('main', Number.MAX_SAFE_INTEGER)])
        .when(takeBack(condition, 1))
        .thenRefused({ code: 'stock-too-large', held: Number.MAX_SAFE_INTEGER, quantity: 1 });
  });
});

describe('a command id', () => {
  it('that stands for one movement is refused for another', () => {
    const taken = { code: 'command-id-taken', commandId: receipt(9) } as const;
    const there = received('main', 50);
    for (const [first, ...others] of [
      [sold('main', 2), sell('main', 3), sell('north', 2), adjust('main', -2), receive('main', 2, 9), takeBack('RESALABLE', 2)],
      [adjusted('main', -2), adjust('main', 2), adjust('north', -2), sell('main', 2), receive('main', 2, 9)],
      [returned('DAMAGED', 2), takeBack('RESALABLE', 2), takeBack('DAMAGED', 3), receive('main', 2, 9)],
      [
        received('main', 2, 9),
        sell('main', 2),
        adjust('main', 2),
        takeBack('RESALABLE', 2),
        receive('main', 3, 9),
        receive('north', 2, 9),
      ],
    ] as const)
      for (const other of others) given(stock, [there, first]).when(other).thenRefused(taken);
  });
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
  it('not shipped after its release: that stock has gone is never silence', () => {
    const refusal = { code: 'reservation-closed', orderId: orderId(1) } as const;
    given(stock, [...history, released(1, main(5), north(2))])
      .when(ship(1))
      .thenRefused(refusal);
    given(stock, [received('main', 5), released(1)])
      .when(ship(1))
      .thenRefused(refusal);
  });
  it('not released after it was shipped: nothing is there to be freed', () =>
    given(stock, [...history, shipped(1, main(5), north(2))])
      .when(release(1))
      .thenNothing());
});

describe('stock remembers without growing', () => {
  // Order n asked for stock at position n, got a unit and ended at once; two generations of 4,096 are remembered, 1 to 4,096 are not.
  const ended = 8193;
  const forgotten = 4096;
  const at = (n: number) => ({ orderId: orderId(n), requestedAt: String(n) });
  const requested = (n: number) => ({ type: 'ReserveStock', ...at(n), quantity: 1, priority: ['main'] }) as const;
  const portions = [main(1)];
  const history = [received('main', 100_000)];
  for (let n = 1; n <= ended; n += 1)
    history.push(
      { type: 'StockReserved', data: { ...at(n), portions } },
      { type: n % 2 === 0 ? 'StockShipped' : 'StockReleased', data: { ...at(n), portions } },
    );
  const state = stateAfter(stock, history);
  const decided = (command: StockCommand) => stock.decide(command, state);
  const late = 20_000;

  it('the newest 4,096 ends, and at most twice as many', () => {
    expect(state.closed.newer.ids.size + state.closed.older.ids.size).toBeLessThanOrEqual(8192);
    expect(state.open.size).toBe(0);
    for (let n = ended - 4095; n <= ended; n += 1)
      expect(decided(requested(n))).toStrictEqual({
        outcome: 'refused',
        refusal: { code: 'reservation-closed', orderId: orderId(n) },
      });
  });

  it('a claim that may have been forgotten is refused as unknown, and granted when the reservation is known to be open', () => {
    const unknown = (n: number) => ({ outcome: 'refused', refusal: { code: 'reservation-unknown', orderId: orderId(n) } });
    for (const n of [1, forgotten - 1, forgotten]) expect(decided(requested(n))).toStrictEqual(unknown(n));
    // Never seen, and no later than the last one forgotten: it cannot be told from one of those.
    const slow = { ...requested(late), requestedAt: String(forgotten) };
    expect(decided(slow)).toStrictEqual(unknown(late));
    expect(decided({ ...slow, stillOpen: true }).outcome).toBe('decided');
    expect(decided({ ...slow, requestedAt: String(forgotten + 1) })).toStrictEqual({
      outcome: 'decided',
      events: [{ type: 'StockReserved', data: { ...at(late), requestedAt: String(forgotten + 1), portions } }],
    });
  });

  it('what is known to be open still ends where its end is remembered', () =>
    expect(decided({ ...requested(ended), stillOpen: true })).toStrictEqual({
      outcome: 'refused',
      refusal: { code: 'reservation-closed', orderId: orderId(ended) },
    }));

  it('an open claim is never forgotten, however many end after it', () => {
    const waiting: StockEvent = { type: 'StockReserved', data: { orderId: orderId(late), requestedAt: '0', portions } };
    const after = stateAfter(stock, [received('main', 100_000), waiting, ...history.slice(1)]);
    expect(stock.decide({ ...requested(late), requestedAt: '0' }, after)).toStrictEqual({
      outcome: 'decided',
      events: [],
    });
    expect(stock.decide({ type: 'ShipStock', orderId: orderId(late), requestedAt: '0' }, after)).toStrictEqual({
      outcome: 'decided',
      events: [{ type: 'StockShipped', data: { orderId: orderId(late), requestedAt: '0', portions } }],
    });
  });

  it('a release that was forgotten is written again and frees nothing again', () => {
    const again: StockEvent = { type: 'StockReleased', data: { ...at(1), portions: [] } };
    expect(decided({ type: 'ReleaseStock', ...at(1) })).toStrictEqual({ outcome: 'decided', events: [again] });
    const after = stock.evolve(state, again);
    expect(after.warehouses).toEqual(state.warehouses);
    expect(after.open.size).toBe(0);
    expect(stock.decide({ type: 'ReleaseStock', ...at(1) }, after)).toStrictEqual({ outcome: 'decided', events: [] });
  });

  it('a shipment that was forgotten is neither done again nor taken for stock that has gone', () => {
    expect(decided({ type: 'ShipStock', ...at(2) })).toStrictEqual({ outcome: 'decided', events: [] });
    // Above what was forgotten, and among what is remembered, it is certain.
    expect(decided({ type: 'ShipStock', ...at(late) })).toStrictEqual({
      outcome: 'refused',
      refusal: { code: 'reservation-unknown', orderId: orderId(late) },
    });
    expect(decided({ type: 'ShipStock', ...at(ended) })).toStrictEqual({
      outcome: 'refused',
      refusal: { code: 'reservation-closed', orderId: orderId(ended) },
    });
  });

  it('the newest 4,096 command ids', () => {
    const sales = Array.from({ length: 8193 }, (_, n) => sold('main', 1, n + 2));
    const after = stateAfter(stock, [received('main', 100_000), ...sales]);
    expect(after.commands.newer.ids.size + after.commands.older.ids.size).toBeLessThanOrEqual(8192);
    for (let n = 8194; n > 8194 - 4096; n -= 1)
      expect(stock.decide(sell('main', 1, n), after)).toStrictEqual({ outcome: 'decided', events: [] });
  });
});
