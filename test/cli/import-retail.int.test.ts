// An import against a server that keeps the API's contract and misbehaves: nothing is lost, nothing is done twice, and the report says
// what the platform says.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Progress } from '../../src/cli/client/progress.js';
import type { Report } from '../../src/cli/retail/report.js';
import { reportText } from '../../src/cli/retail/report-text.js';
import { type RetailImportOptions, runRetailImport } from '../../src/cli/retail/run.js';
import { type StandInPlatform, startStandInPlatform } from './stand-in-platform.js';

const sample = fileURLToPath(new URL('../fixtures/retail.csv', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'panglot-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const silent: Progress = { begin() {}, advance() {}, end() {} };

let platform: StandInPlatform;
beforeEach(async () => {
  platform = await startStandInPlatform();
});
afterEach(() => platform.stop());

const run = (options: Partial<RetailImportOptions> = {}, progress = silent) =>
  runRetailImport(
    {
      file: sample,
      url: platform.url,
      stock: 'exact',
      products: false,
      dryRun: false,
      concurrency: 4,
      patience: 10_000,
      settleTimeout: 10_000,
      signal: new AbortController().signal,
      ...options,
    },
    progress,
  );

const outcome = (report: Report, name: string, reason: string | null = null) =>
  report.outcomes.find((tally) => tally.outcome === name && tally.reason === reason);
const rowsIn = (report: Report) => report.outcomes.reduce((sum, { rows }) => sum + rows, 0);
const onHand = () => [...platform.stock.values()].reduce((sum, units) => sum + units, 0);

describe('an import', () => {
  it('settles every order, and shows that the money captured is that of the file', async () => {
    platform.behave({ looksUntilSettled: 3 });
    const report = await run();
    expect(outcome(report, 'confirmed')).toEqual({
      outcome: 'confirmed',
      reason: null,
      invoices: 4,
      rows: 9,
      units: 1031,
      money: 385908,
    });
    expect(outcome(report, 'refused', 'order-total-zero')).toMatchObject({ invoices: 1, rows: 1, units: 5, money: 0 });
    expect(report.money).toMatchObject({ inFile: 385908, confirmed: 385908, captured: 385908, refunded: 0, matches: true });
    expect(report.orders).toEqual({ inFile: 5, sent: 4, alreadyThere: 0, settled: 4 });
    expect(report.openingStock).toEqual({ skus: 8, units: 1031 });
    expect(report.settling).toEqual({ orders: 4, seconds: 2, perSecond: 2 });
    expect(report).toMatchObject({ complete: true, stopped: null, retries: 0, seconds: expect.any(Number) });
    expect(onHand()).toBe(0);
  });

  it('counts every row of the file under one outcome', async () => {
    const report = await run();
    expect(report.file).toMatchObject({ name: 'retail.csv', rows: 27, invoices: 17 });
    expect(rowsIn(report)).toBe(27);
    expect(report.leftOut).toHaveLength(12);
  });

  it('sends an order as the file has it', async () => {
    await run();
    expect(platform.orders.get('700002')?.request).toEqual({
      reference: '700002',
      customerId: '20002',
      currency: 'GBP',
      placedAt: '2011-11-14T09:00:00.000Z',
      lines: [
        { sku: '60020', description: 'CUSHION, ROUND "SUN"', quantity: 12, unitPrice: 165 },
        { sku: '60021', description: 'PAPER BAG', quantity: 1, unitPrice: 0 },
      ],
      payment: { method: 'pm_card_visa' },
    });
    expect(platform.orders.get('700003')?.request.lines).toEqual([{ sku: 'BANK CHARGES', quantity: 1, unitPrice: 1500 }]);
  });

  it('run again finds everything there, and changes nothing', async () => {
    await run();
    const again = await run();
    expect(again.orders).toEqual({ inFile: 5, sent: 0, alreadyThere: 4, settled: 4 });
    expect(again.settling).toBeNull();
    expect(again).toMatchObject({ complete: true, money: { captured: 385908, matches: true } });
    expect(platform.orders.size).toBe(4);
    expect(onHand()).toBe(0);
  });

  it('lists products only if told to', async () => {
    await run();
    expect(platform.products.size).toBe(0);
    await run({ products: true });
    expect(platform.products.get('BANK CHARGES')).toEqual({
      description: 'BANK CHARGES',
      prices: [{ currency: 'GBP', amount: 1500 }],
    });
    expect(platform.products.size).toBe(8);
  });

  it('without stock is an import of cancelled orders, with the reason', async () => {
    const report = await run({ stock: 'none' });
    expect(outcome(report, 'cancelled', 'INSUFFICIENT_STOCK')).toMatchObject({ invoices: 4, rows: 9 });
    expect(report).toMatchObject({ complete: true, money: { inFile: 385908, confirmed: 0, captured: 0, matches: true } });
    expect(platform.receipts.size).toBe(0);
  });

  it('keeps to its concurrency, on connections that it keeps', async () => {
    await run({ concurrency: 2 });
    expect(platform.mostOpenRequests()).toBeLessThanOrEqual(2);
    expect(platform.connections()).toBeLessThanOrEqual(3);
  });

  it('of a dry run sends nothing and counts all the same', async () => {
    const report = await run({ dryRun: true });
    expect(platform.connections()).toBe(0);
    expect(outcome(report, 'not-sent')).toMatchObject({ invoices: 5, rows: 10, money: 385908 });
    expect(rowsIn(report)).toBe(27);
  });
});

describe('trouble on the way', () => {
  it.each([
    ['an answer 503 with Retry-After', { status: 503, headers: { 'retry-after': '0' } }],
    ['an answer 503 without it', { status: 503 }],
    ['an answer 429', { status: 429, headers: { 'retry-after': '0' } }],
    ['an answer 500', { status: 500 }],
    ['a conflict that the platform could not resolve', { status: 409, body: { code: 'conflict', detail: 'try again' } }],
    ['a dropped connection', 'drop'],
    ['a lost reply', 'lose-reply'],
  ] as const)('%s to every request is overcome without doing anything twice', async (_, fault) => {
    platform.behave({ fault: ({ path }, before) => (before === 0 && path !== '/livez' ? fault : undefined) });
    const report = await run();
    expect(report).toMatchObject({ complete: true, money: { captured: 385908, matches: true }, orders: { settled: 4 } });
    expect(report.retries).toBeGreaterThan(4);
    expect(platform.orders.size).toBe(4);
    expect(onHand()).toBe(0);
  });

  it('a platform that stays away ends the import with a report, and the next run goes on', async () => {
    platform.behave({ fault: ({ method, path }) => (method === 'POST' && path.endsWith('/orders') ? { status: 503 } : undefined) });
    const report = await run({ patience: 300 });
    expect(report).toMatchObject({ complete: false, stopped: expect.stringMatching(/POST \/orders .* 503.*Run it again/) });
    expect(outcome(report, 'not-sent')).toMatchObject({ invoices: 5, rows: 10 });
    expect(rowsIn(report)).toBe(27);
    platform.behave({});
    expect(await run()).toMatchObject({ complete: true });
    expect(onHand()).toBe(0);
  });

  it('no platform at all is said at once', async () => {
    const { url } = platform;
    await platform.stop();
    const report = await run({ url });
    expect(report).toMatchObject({ complete: false, stopped: expect.stringContaining(`No platform answers at ${url}`) });
    platform = await startStandInPlatform();
  });

  it('an interruption ends it at once with the report so far, and the next run does the rest', async () => {
    const interruption = new AbortController();
    platform.behave({
      fault: ({ body }) => {
        if (!body.includes('"700003"')) return undefined;
        interruption.abort();
        return 'lose-reply';
      },
    });
    const report = await run({ concurrency: 1, signal: interruption.signal });
    expect(report).toMatchObject({ complete: false, stopped: expect.stringContaining('interrupted') });
    expect(outcome(report, 'unsettled')).toMatchObject({ invoices: 2 });
    expect(outcome(report, 'not-sent')).toMatchObject({ invoices: 3 });
    expect(rowsIn(report)).toBe(27);
    platform.behave({});
    expect(await run()).toMatchObject({ complete: true, orders: { sent: 1, alreadyThere: 3, settled: 4 } });
    expect(platform.orders.size).toBe(4);
  });

  it('orders that do not settle are reported as such', async () => {
    platform.behave({ looksUntilSettled: Number.POSITIVE_INFINITY });
    const report = await run({ settleTimeout: 100 });
    expect(report).toMatchObject({ complete: false, stopped: expect.stringContaining('4 of 4 orders were not settled') });
    expect(outcome(report, 'unsettled')).toMatchObject({ invoices: 4, rows: 9 });
  });

  it('one order that does not settle holds up no other', async () => {
    platform.behave({ fault: ({ method, path }) => (method === 'GET' && path.endsWith('/order-1') ? { status: 503 } : undefined) });
    const report = await run({ settleTimeout: 300, concurrency: 2 });
    expect(report.orders.settled).toBe(3);
    expect(report).toMatchObject({
      complete: false,
      stopped: expect.stringMatching(/^1 of 4 orders were not settled.*it answers 503/),
    });
  });

  it('a reference that belongs to another order is a refusal, and the import is not complete', async () => {
    platform.take('700001');
    const report = await run();
    expect(outcome(report, 'refused', 'reference-taken')).toMatchObject({ invoices: 1, rows: 3 });
    expect(report.refusals).toContainEqual({
      reference: '700001',
      code: 'reference-taken',
      detail: 'the reference belongs to another order',
    });
    expect(report.complete).toBe(false);
  });

  it.each([
    ['a penny too little', (total: number) => Math.max(0, total - 1)],
    ['money for nobody', (total: number) => total + 1],
  ])('%s in a payment is found, though the platform calls the order confirmed', async (_, captured) => {
    platform.behave({ captured: (total, reference) => (reference === '700005' ? captured(total) : total) });
    const report = await run();
    expect(report.money.matches).toBe(false);
    expect(report.money.mismatches).toEqual([{ reference: '700005', expected: 377868, captured: captured(377868), refunded: 0 }]);
    expect(report.complete).toBe(false);
    expect(reportText(report)).toContain('NOT EQUAL');
  });

  it('payments that are wrong each way, but right together, are found too', async () => {
    platform.behave({ captured: (total, reference) => total + (reference === '700001' ? 1 : reference === '700002' ? -1 : 0) });
    const report = await run();
    expect(report.money.captured).toBe(report.money.confirmed);
    expect(report).toMatchObject({ complete: false, money: { matches: false } });
  });

  it('a server that is no platform stops it with a sentence', async () => {
    platform.behave({ fault: ({ path }) => (path.endsWith('/receipts') ? { status: 404, body: 'gone' } : undefined) });
    expect(await run()).toMatchObject({
      complete: false,
      stopped: expect.stringContaining('The opening stock of 60010 was refused'),
    });
    expect(platform.orders.size).toBe(0);
  });

  it('a broken file is refused before anything is sent', async () => {
    const broken = join(folder, 'broken.csv');
    writeFileSync(broken, 'InvoiceNo\n');
    await expect(run({ file: broken })).rejects.toMatchObject({ name: 'FileRefused' });
    expect(platform.connections()).toBe(0);
  });
});

describe('the report in words', () => {
  it('has the table, the money, the reasons', async () => {
    const text = reportText(await run(), { explain: true });
    for (const words of [
      /^confirmed +4 +9 +1,031 +GBP 3,859\.08$/m,
      /^refused: order-total-zero +1 +1 +5 +GBP 0\.00$/m,
      /^not an order: cancellation +1 +2$/m,
      /^together +17 +27$/m,
      /^These are all 27 rows of the file\.$/m,
      /^Money: .* captured by the platform's payments GBP 3,859\.08: equal to the penny\.$/m,
      /^Orders: 5 in the file, 4 sent, 0 already there, 4 settled\.$/m,
      /^ {2}700010 \(line 18, 2 rows\): a price with a fraction of a penny$/m,
    ])
      expect(text).toMatch(words);
  });

  it('goes with progress by phase', async () => {
    const phases: string[] = [];
    let advanced = 0;
    await run({}, { begin: (phase, total) => phases.push(`${phase} ${total}`), advance: () => advanced++, end() {} });
    expect(phases).toEqual(['Opening stock 8', 'Orders 5', 'Settled 4']);
    expect(advanced).toBe(17);
  });
});
