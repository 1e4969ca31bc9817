// The import through every real part: what the stand-in platform of the other tests says is what the real one says.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Progress } from '../../src/cli/client/progress.js';
import { runRetailImport } from '../../src/cli/retail/run.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';

interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

const sample = fileURLToPath(new URL('../fixtures/retail.csv', import.meta.url));
const silent: Progress = { begin() {}, advance() {}, end() {} };

let home: PlatformHome;
let platform: Platform;
beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
}, 120_000);
afterAll(() => home.remove());

const run = () =>
  runRetailImport(
    {
      file: sample,
      url: platform.url,
      stock: 'exact',
      products: true,
      dryRun: false,
      concurrency: 8,
      patience: 30_000,
      settleTimeout: 30_000,
      signal: new AbortController().signal,
    },
    silent,
  );

it('settles a file to the penny, and a second run adds neither an order nor a unit', async () => {
  const settled = { complete: true, stopped: null, money: { confirmed: 385908, captured: 385908, refunded: 0, matches: true } };
  const first = await run();
  expect(first).toMatchObject({ ...settled, orders: { inFile: 5, sent: 4, alreadyThere: 0, settled: 4 } });
  expect(first.refusals.map(({ reference, code }) => [reference, code])).toEqual([['700004', 'order-total-zero']]);
  expect(await run()).toMatchObject({ ...settled, orders: { inFile: 5, sent: 0, alreadyThere: 4, settled: 4 } });
  const stock = await platform.get<Stock>('/api/v1/stock/60030');
  expect(stock.body).toMatchObject({ onHand: 1000, reserved: 1000, available: 0 });
});
