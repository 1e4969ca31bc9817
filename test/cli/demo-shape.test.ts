// The demo's orders have the shape of real sales, and are the same for ever.

import { describe, expect, it } from 'vitest';
import { productBySku, products, scarceProducts, scarceUnits } from '../../src/cli/demo/catalogue.js';
import { type DemoOrder, demoOrders } from '../../src/cli/demo/orders.js';
import { demoStock } from '../../src/cli/demo/stock.js';

const seed = 1;
const orders = demoOrders(seed, 1, 20_000);
const lines = orders.flatMap((order) => order.lines);

/** The value that this share of them does not exceed. */
const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;
const counted = <Item>(items: Iterable<Item>) => {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const customersTopShare = (of: readonly DemoOrder[]) => {
  const counts = counted(of.map(({ customerId }) => customerId));
  return sum(counts.slice(0, Math.ceil(counts.length / 100))) / of.length;
};

/** Figures of the real sales, and how far the demo may be from them. */
const figures: readonly (readonly [what: string, real: number, within: number, measured: number])[] = [
  [
    'lines of an order, median',
    15,
    1,
    quantile(
      orders.map((order) => order.lines.length),
      0.5,
    ),
  ],
  [
    'lines of an order, 95th of a hundred',
    65,
    3,
    quantile(
      orders.map((order) => order.lines.length),
      0.95,
    ),
  ],
  [
    'units of a line, median',
    6,
    0,
    quantile(
      lines.map(({ quantity }) => quantity),
      0.5,
    ),
  ],
  [
    'units of a line, 95th of a hundred',
    36,
    0,
    quantile(
      lines.map(({ quantity }) => quantity),
      0.95,
    ),
  ],
  [
    'price in pence, median',
    195,
    0,
    quantile(
      lines.map(({ sku }) => productBySku.get(sku)?.unitPrice ?? 0),
      0.5,
    ),
  ],
  [
    'price in pence, 95th of a hundred',
    850,
    0,
    quantile(
      lines.map(({ sku }) => productBySku.get(sku)?.unitPrice ?? 0),
      0.95,
    ),
  ],
  [
    'share of the lines that the top 100 SKUs make',
    0.2,
    0.01,
    sum(counted(lines.map(({ sku }) => sku)).slice(0, 100)) / lines.length,
  ],
  [
    'share of the orders that the hottest SKU is in',
    0.107,
    0.005,
    (counted(orders.flatMap((order) => [...new Set(order.lines.map(({ sku }) => sku))]))[0] ?? 0) / orders.length,
  ],
  ['share of the orders that the top 1% of the customers make', 0.13, 0.01, customersTopShare(orders)],
];

describe("the demo's orders are shaped like real sales", () => {
  it.each(figures)('%s: %d', (_, real, within, measured) => expect(Math.abs(measured - real)).toBeLessThanOrEqual(within));
  it('also where there are only five hundred of them', () => {
    const few = orders.slice(0, 500);
    expect(
      quantile(
        few.map((order) => order.lines.length),
        0.5,
      ),
    ).toBeCloseTo(15, -1);
    expect(customersTopShare(few)).toBeGreaterThan(0.1);
  });
  it.each([
    ['settles', 0.9],
    ['declined', 0.04],
    ['short', 0.02],
    ['cancelled', 0.02],
    ['capture-fails', 0.01],
    ['slow', 0.01],
  ])('%s: %d of them', (kind, share) =>
    expect(orders.filter((order) => order.kind === kind).length / orders.length).toBeCloseTo(share, 6),
  );
});

describe("the demo's orders can be repeated", () => {
  it('the same seed gives the same orders', () => expect(demoOrders(seed, 1, 300)).toEqual(orders.slice(0, 300)));
  it('more orders begin with the same, wherever they are cut', () =>
    expect([...demoOrders(seed, 1, 130), ...demoOrders(seed, 131, 260)]).toEqual(orders.slice(0, 260)));
  it('another seed gives others, of the same products', () => {
    const others = demoOrders(2, 1, 300);
    expect(others).not.toEqual(orders.slice(0, 300));
    expect(others[0]?.reference).toBe('demo-2-1');
    for (const { sku } of others.flatMap((order) => order.lines)) expect(productBySku.has(sku)).toBe(true);
  });
  it('references count from 1', () =>
    expect(orders.slice(0, 2).map(({ reference }) => reference)).toEqual(['demo-1-1', 'demo-1-2']));
});

describe("the demo's stock", () => {
  it('covers every order but those that are to be short', () => {
    const shelves = new Map<string, number>();
    for (const { sku, quantity } of demoStock(seed, 2_500)) shelves.set(sku, (shelves.get(sku) ?? 0) + quantity);
    for (const { kind, lines } of orders.slice(0, 2_500))
      for (const { sku, quantity } of lines) {
        const left = (shelves.get(sku) ?? 0) - quantity;
        expect(left >= 0).toBe(kind !== 'short' || sku !== lines[0]?.sku);
        if (left >= 0) shelves.set(sku, left);
      }
  });
  it('of a longer demo begins with that of a shorter one', () => {
    const longer = new Map(demoStock(seed, 1_500).map((receipt) => [receipt.commandId, receipt]));
    for (const receipt of demoStock(seed, 50)) expect(longer.get(receipt.commandId)).toEqual(receipt);
  });
  it('lies in two warehouses', () =>
    expect(new Set(demoStock(seed, 50).map(({ warehouse }) => warehouse ?? 'main'))).toEqual(new Set(['main', 'north'])));
  it('has a handful of what is scarce, whatever the seed', () => {
    const scarce = scarceProducts.map(({ sku }) => sku);
    const of = (one: number) => demoStock(one, 10).filter(({ sku }) => scarce.includes(sku));
    expect(of(1)).toEqual(of(2));
    expect(of(1).every(({ quantity }) => quantity === scarceUnits)).toBe(true);
  });
});

describe("the demo's products", () => {
  it('have names and numbers of their own', () => {
    const all = [...products, ...scarceProducts];
    expect(new Set(all.map(({ sku }) => sku)).size).toBe(all.length);
    expect(new Set(all.map(({ description }) => description)).size).toBe(all.length);
  });
});
