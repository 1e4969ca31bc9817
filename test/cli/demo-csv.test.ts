// What `panglot demo --csv` writes is what `panglot import retail` reads.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { productBySku } from '../../src/cli/demo/catalogue.js';
import { retailCsv } from '../../src/cli/demo/csv.js';
import { demoOrders } from '../../src/cli/demo/orders.js';
import { planImport } from '../../src/cli/retail/import-plan.js';

const folder = mkdtempSync(join(tmpdir(), 'panglot-demo-csv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the importer reads back every order of the file, line by line, and leaves out the cancellations', async () => {
  const orders = demoOrders(3, 1, 300);
  const file = join(folder, 'demo.csv');
  writeFileSync(file, [...retailCsv(3, orders)].join(''));
  const plan = await planImport(file);
  expect(plan.orders.map(({ customerId, lines }) => ({ customerId, lines }))).toEqual(
    orders.map(({ customerId, lines }) => ({
      customerId,
      lines: lines.map((line) => ({
        ...line,
        description: productBySku.get(line.sku)?.description,
        unitPrice: productBySku.get(line.sku)?.unitPrice,
      })),
    })),
  );
  expect(plan.orders[0]?.reference).toBe('4000001');
  expect(new Set(plan.leftOut.map(({ reason }) => reason))).toEqual(new Set(['cancellation']));
  expect(plan.leftOut).toHaveLength(orders.filter(({ kind }) => kind === 'cancelled').length);
});

it('the same seed writes the same file', () =>
  expect([...retailCsv(1, demoOrders(1, 1, 20))]).toEqual([...retailCsv(1, demoOrders(1, 1, 20))]));
