// What a file is taken for: which invoices are orders, why the others are none, and what stock the orders need.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { planImport } from '../../src/cli/retail/import-plan.js';
import { openingStock } from '../../src/cli/retail/opening-stock.js';
import { columns } from '../../src/cli/retail/row.js';
import { productsOf } from '../../src/cli/retail/send.js';

const folder = mkdtempSync(join(tmpdir(), 'panglot-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = fileURLToPath(new URL('../fixtures/retail.csv', import.meta.url));

describe('the sample file', async () => {
  const plan = await planImport(sample);
  const order = (reference: string) => plan.orders.find((one) => one.reference === reference);

  it('holds these orders, with exact totals', () =>
    expect(plan.orders.map(({ reference, lines, units, total }) => [reference, lines.length, units, total])).toEqual([
      ['700001', 3, 12, 4560],
      ['700002', 2, 13, 1980],
      ['700003', 1, 1, 1500],
      ['700004', 1, 5, 0],
      ['700005', 3, 1005, 377868],
    ]));

  it('has every other invoice under a reason', () =>
    expect(plan.leftOut.map(({ invoice, reason, rows }) => [invoice, reason, rows])).toEqual([
      ['C700006', 'cancellation', 2],
      ['A700007', 'bad-debt', 1],
      ['700008', 'stock-adjustment', 1],
      ['700009', 'no-customer', 2],
      ['700010', 'fractional-penny', 2],
      ['700011', 'quantity-not-positive', 1],
      ['700012', 'several-customers', 2],
      ['700013', 'negative-price', 1],
      ['700014', 'sku-not-admissible', 1],
      ['X700015', 'other-document', 1],
      ['700016', 'customer-not-admissible', 1],
      ['700017', 'no-customer', 2],
    ]));

  it('keeps a SKU that stands on several lines, though rows of other invoices lie between, and knows it by any case', () =>
    expect(order('700001')?.lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual([
      ['85A1C', 6, 255],
      ['60010', 2, 1095],
      ['85A1C', 4, 210],
    ]));

  it('gives an invoice that carries two times the first', () => expect(order('700002')?.placedAt).toBe('2011-11-14T09:00:00.000Z'));

  it('keeps a free line in an order that totals something', () =>
    expect(order('700002')?.lines[1]).toMatchObject({ unitPrice: 0 }));

  it('needs what its orders take, less those that total nothing', () => {
    const stock = openingStock(plan.orders, plan.contentHash, 'exact');
    expect(stock.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['60010', 2],
      ['60020', 12],
      ['60021', 1],
      ['60030', 1000],
      ['60031', 3],
      ['60032', 2],
      ['85A1C', 10],
      ['BANK CHARGES', 1],
    ]);
  });

  it('has the same receipts under the same command ids for ever, each its own', () => {
    const stock = openingStock(plan.orders, plan.contentHash, 'exact');
    expect(openingStock(plan.orders, plan.contentHash, 2).map(({ commandId }) => commandId)).toEqual(
      stock.map(({ commandId }) => commandId),
    );
    expect(new Set(stock.map(({ commandId }) => commandId)).size).toBe(stock.length);
    expect(openingStock(plan.orders, 'another file', 'exact')[0]?.commandId).not.toBe(stock[0]?.commandId);
    // Fixed: a change of how ids are made would book the stock of every file imported so far once more.
    expect(openingStock(plan.orders, 'a', 'exact')[0]).toEqual({
      sku: '60010',
      quantity: 2,
      commandId: '771e94c2-1174-5447-9309-cce9254817a5',
    });
  });

  it('is booked by a factor, whole units up, or not at all', () => {
    expect(openingStock(plan.orders, 'a', 0.25).map(({ quantity }) => quantity)).toEqual([1, 3, 1, 250, 1, 1, 3, 1]);
    expect(openingStock(plan.orders, 'a', 'none')).toEqual([]);
  });

  it('names its products as they were called and priced last', () =>
    expect(productsOf(plan.orders).filter(({ sku }) => ['85A1C', '60021', 'BANK CHARGES'].includes(sku))).toEqual([
      { sku: '85A1C', description: 'TIN MUG BLUE', unitPrice: 210 },
      { sku: '60021', description: 'PAPER BAG', unitPrice: null },
      { sku: 'BANK CHARGES', description: 'BANK CHARGES', unitPrice: 1500 },
    ]));
});

describe('any file', () => {
  const record = fc.record({
    invoice: fc.constantFrom('700001', '700002', '700003', 'C700004', 'A700005', 'Z7', '700006', '700007'),
    sku: fc.constantFrom('A1', 'a1', 'B2', '#', ''),
    quantity: fc.integer({ min: -2, max: 50 }),
    price: fc.constantFrom('0.0', '1.25', '0.001', '-3.0', '99999999999.99'),
    customer: fc.constantFrom('1', '1', '1', '2', '', '/'),
  });

  it('has each of its rows counted once, in an order or under a reason', () =>
    fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 60 }), async (records) => {
        const path = join(folder, 'any.csv');
        const rows = records.map(
          ({ invoice, sku, quantity, price, customer }) =>
            `${invoice},${sku},x,${quantity},2011-11-14 08:10:00,${price},${customer},UK`,
        );
        writeFileSync(path, [columns.join(), ...rows, ''].join('\n'));
        const plan = await planImport(path);
        const ordered = plan.orders.reduce((sum, { lines }) => sum + lines.length, 0);
        const leftOut = plan.leftOut.reduce((sum, one) => sum + one.rows, 0);
        expect(plan.rows).toBe(records.length);
        expect(ordered + leftOut).toBe(records.length);
        for (const { lines, total } of plan.orders) {
          expect(lines.every(({ quantity, unitPrice }) => quantity > 0 && unitPrice >= 0)).toBe(true);
          expect(BigInt(total)).toBe(lines.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitPrice), 0n));
        }
      }),
      { numRuns: 50 },
    ));
});
