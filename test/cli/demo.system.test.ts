// The demo through every real part, and what a newcomer looks at then: the story of an order, the stock, the log, the doctor.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoOrders } from '../../src/cli/demo/orders.js';
import type { DemoSummary } from '../../src/cli/demo/summary.js';
import { eventually } from '../support/condition.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';
import { panglot, startPanglot } from './panglot.js';

/** Its first twenty orders are of every kind, and few lines long. */
const seed = 2860;
const count = 20;
const orders = demoOrders(seed, 1, count);
const of = (kind: string) => orders.filter((order) => order.kind === kind).length;
const shortest = (kind: string) =>
  orders.filter((order) => order.kind === kind).reduce((best, order) => (order.lines.length < best.lines.length ? order : best))
    .reference;

let home: PlatformHome;
let platform: Platform;
let url: readonly string[];
let env: Readonly<Record<string, string>>;
let bannerOfEmpty: string;
beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
  url = ['--url', platform.url];
  env = { DATA_DIR: home.folder, PORT: String(home.port) };
  bannerOfEmpty = await eventually(() => (platform.output().includes('Ctrl-C') ? platform.output() : undefined));
}, 120_000);
afterAll(() => home.remove());

const demo = (...args: readonly string[]) =>
  panglot(['demo', ...url, '--seed', String(seed), '--orders', String(count), '--rate', '50', ...args]);
const revisions = async () => {
  const { body } = await platform.get<{ data: { sku: string; onHand: number; reserved: number }[] }>('/api/v1/stock?limit=100');
  return body.data.map(({ sku, onHand, reserved }) => [sku, onHand, reserved]);
};

describe('panglot demo, against a real platform', () => {
  let first: DemoSummary;

  it('ends with a summary on Ctrl-C, and says that it can be run again', async () => {
    const { child, ended, said } = startPanglot([
      ...['demo', ...url, '--seed', String(seed), '--orders', String(count), '--rate', '1', '--json'],
    ]);
    // Its shop is open, and orders trickle in at one a second.
    await eventually(() => said.stderr.includes('Stock: '));
    await eventually(async () => (await platform.get<{ data: unknown[] }>('/api/v1/orders')).body.data.length > 0);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(JSON.parse(stdout)).toMatchObject({ complete: false, stopped: expect.stringContaining('Run it again to go on') });
    expect(code).toBe(130);
  });

  it('goes on where it was interrupted, and every order ends as it is to end', async () => {
    const { code, stdout } = await demo('--json');
    first = JSON.parse(stdout);
    expect(first.orders).toMatchObject({ asked: count, settled: count });
    expect(first.orders.alreadyThere).toBeGreaterThan(0);
    expect(first.orders.sent + first.orders.alreadyThere).toBe(count);
    // What the help says there is.
    const help = (await panglot(['demo', '--help'])).stdout;
    for (const member of Object.keys(first)) expect(help).toContain(`"${member}"`);
    expect(Object.fromEntries(first.outcomes.map((row) => [row.outcome, row.orders]))).toEqual({
      settled: of('settles'),
      slow: of('slow'),
      declined: of('declined'),
      short: of('short'),
      cancelled: of('cancelled'),
      'capture-failed': of('capture-fails'),
    });
    expect(first).toMatchObject({ refusals: [], methodsUnknown: 0, stopped: null, complete: true });
    const kept = first.outcomes.filter(({ outcome }) => outcome === 'settled' || outcome === 'slow');
    expect(first.money.kept).toBe(kept.reduce((sum, row) => sum + row.total, 0));
    expect(first.money.refunded).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('run again it adds neither an order nor a unit, and comes to the same sums', async () => {
    const before = await revisions();
    const { stdout, stderr } = await demo();
    expect(stdout).toContain(`Orders: ${count} asked for, 0 sent, ${count} already there, ${count} settled.`);
    expect(stdout).toContain(`order show ${shortest('settles')} --url ${platform.url}`);
    expect(stderr).toMatch(/Products: \d+\/\d+/);
    expect(await revisions()).toEqual(before);
    const again: DemoSummary = JSON.parse((await demo('--json')).stdout);
    expect(again.money).toEqual(first.money);
  });
});

describe('panglot order show', () => {
  it('tells a settled order from its creation to its confirmation, each event with its cause', async () => {
    const reference = shortest('settles');
    const { code, stdout } = await panglot(['order', 'show', reference, ...url]);
    expect(stdout).toMatch(new RegExp(`^Order ${reference} \\([0-9a-f-]{36}\\): CONFIRMED\n`));
    expect(stdout).toMatch(/\n +1 +\+0 ms +anonymous +order +OrderCreated +1 line/);
    expect(stdout).toMatch(/← 1 +order +OrderPaymentRequested\n/);
    expect(stdout).toMatch(/✓ order +OrderConfirmed\n/);
    expect(stdout).not.toMatch(/✗|↶/);
    expect(code).toBe(0);
  });

  it('tells a compensated order so that what failed and what was undone can be seen, money before stock', async () => {
    const { stdout } = await panglot(['order', 'show', shortest('capture-fails'), ...url]);
    expect(stdout).toMatch(/: CANCELLED, CAPTURE_FAILED\n/);
    const marked = [...stdout.matchAll(/([✗↶✓]) \w+ +(\w+)/g)].map((match) => `${match[1]} ${match[2]}`);
    expect(marked).toEqual([
      '✗ PaymentCaptureFailed',
      '↶ OrderCancellationRequested',
      '↶ PaymentVoidRequested',
      '↶ PaymentVoided',
      '↶ OrderPaymentVoided',
      '↶ InventoryReleaseRequested',
      '↶ StockReleased',
      '↶ InventoryReleased',
      '↶ OrderInventoryReleased',
      '↶ OrderCancelled',
    ]);
    expect(stdout).toContain('Undone: the payment was voided first, then the stock was freed.');
  });

  it('shows a declined order as one for which nothing was taken', async () => {
    const { stdout } = await panglot(['order', 'show', shortest('declined'), ...url]);
    expect(stdout).toContain('Nothing was taken, and nothing is held.');
  });

  it('has no colours where there is no terminal', async () => {
    const { stdout } = await panglot(['order', 'show', shortest('declined'), ...url]);
    expect(stdout).not.toContain('\u001b[');
  });

  it('gives the order and all its events as JSON, over the pages of the API', async () => {
    const longest = orders.reduce((best, order) => (order.lines.length > best.lines.length ? order : best));
    const { stdout } = await panglot(['order', 'show', longest.reference, ...url, '--json']);
    const { order, events } = JSON.parse(stdout);
    expect(order).toMatchObject({ reference: longest.reference, status: 'CONFIRMED' });
    const reserved = events.filter(({ type }: { type: string }) => type === 'StockReserved').length;
    expect(reserved).toBe(new Set(longest.lines.map(({ sku }) => sku)).size);
    expect(events[0]).toMatchObject({ type: 'OrderCreated', causationId: expect.any(String), position: expect.any(String) });
    expect(await panglot(['order', 'show', order.id, ...url, '--json'])).toMatchObject({ stdout });
  });

  it('says in a sentence that there is no such order', async () =>
    expect(await panglot(['order', 'show', 'nobodys-order', ...url])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no order nobodys-order.\n',
    }));
});

describe('panglot stock show', () => {
  const sku = orders.find((order) => order.kind === 'settles')?.lines[0]?.sku ?? '';

  it('lists what is on the shelves', async () => {
    const { stdout, stderr } = await panglot(['stock', 'show', ...url, '--limit', '5']);
    expect(stdout.split('\n')).toHaveLength(7);
    expect(stdout).toMatch(/on hand +reserved +available/);
    expect(stderr).toBe('The first 5 by SKU; --limit shows more.\n');
  });
  it('shows one SKU by warehouse with its latest movements, and the same as JSON in the shape of the API', async () => {
    const text = (await panglot(['stock', 'show', sku, ...url])).stdout;
    expect(text).toMatch(/\n {2}(main|north) +\d/);
    expect(text).toMatch(/RESERVED +(main|north) +\+\d+ .* order [0-9a-f-]{36}\n/);
    const { stdout } = await panglot(['stock', 'show', sku, ...url, '--json']);
    expect(JSON.parse(stdout)).toEqual((await platform.get(`/api/v1/stock/${sku}`)).body);
    const all = JSON.parse((await panglot(['stock', 'show', ...url, '--limit', '150', '--json'])).stdout);
    expect(all).toHaveLength(150);
  });
  it('says in a sentence that nothing is known of a SKU', async () =>
    expect(await panglot(['stock', 'show', 'NOTHING', ...url])).toMatchObject({
      code: 1,
      stderr: 'Nothing is known of the stock of NOTHING.\n',
    }));
});

describe('panglot stream read', () => {
  const [line] = orders.find((order) => order.kind === 'settles')?.lines ?? [];
  const stream = `stock-${line?.sku}`;
  const read = (...args: readonly string[]) => panglot(['stream', 'read', ...args], { env });

  it('finds the event node of the platform that runs on this data folder', async () => {
    const { code, stdout } = await read(stream);
    expect(stdout).toMatch(/^ +0 +\S+Z +StockReceived +\{/);
    expect(code).toBe(0);
  });
  it('gives an event a line as JSON, in the shape of the API, page by page', async () => {
    const all = (await read(stream, '--json')).stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(all.map(({ revision }) => revision)).toEqual(all.map((_, index) => index));
    expect(Object.keys(all[0]).sort()).toEqual(
      ['actor', 'at', 'causationId', 'commandId', 'data', 'id', 'position', 'revision', 'stream', 'type', 'version'].sort(),
    );
    const page = await read(stream, '--json', '--from', '1', '--limit', '1');
    expect(JSON.parse(page.stdout)).toEqual(all[1]);
    expect(page.stderr).toBe('There may be more: --from 2\n');
    const newest = await read(stream, '--json', '--backwards', '--limit', '1');
    expect(JSON.parse(newest.stdout)).toEqual(all.at(-1));
  });
  it('reads the store that EVENTSTORE_URL names, wherever it is', async () => {
    const [left = ''] = readdirSync(join(home.folder, 'running'));
    const { eventNode } = JSON.parse(readFileSync(join(home.folder, 'running', left), 'utf8'));
    const elsewhere = { DATA_DIR: join(home.folder, 'none'), EVENTSTORE_URL: eventNode };
    const { stdout } = await panglot(['stream', 'read', stream, '--json'], { env: elsewhere });
    expect({ stdout }).toEqual({ stdout: (await read(stream, '--json')).stdout });
  });
  it('says in a sentence that a stream has no events', async () =>
    expect(await read('stock-NOTHING')).toEqual({ code: 1, stdout: '', stderr: 'The stream stock-NOTHING has no events.\n' }));
});

describe('what a running platform says of itself', () => {
  it('its banner names the pages, and what to type while nothing is there yet', () => {
    for (const text of [`localhost:${home.port}/\n`, '/api/v1/docs', '/readyz', home.folder, 'embedded', 'on this machine alone'])
      expect(bannerOfEmpty).toContain(text);
    expect(bannerOfEmpty).toContain('Nothing here yet: npm run demo');
  });
  it('the doctor finds it well', async () => {
    const { code, stdout } = await panglot(['doctor', '--json'], { env });
    const findings: { check: string; verdict: string; detail: string; advice: unknown }[] = JSON.parse(stdout);
    expect(findings.filter(({ verdict }) => verdict === 'problem')).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'Platform', detail: expect.stringContaining(`process ${platform.pid}`) }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ check: `Port ${home.port}`, verdict: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'Readiness', verdict: 'ok' }));
    expect(code).toBe(0);
  });
  it('the doctor tells one that was killed, and the next start clears up and knows that the log is not empty', async () => {
    await platform.kill();
    const { code, stdout } = await panglot(['doctor'], { env });
    expect(stdout).toContain('An earlier one was killed');
    expect(code).toBe(0);
    const next = await home.start();
    const said = await eventually(() => (next.output().includes('Ctrl-C') ? next.output() : undefined));
    expect(said).not.toContain('Nothing here yet');
    expect((await panglot(['doctor'], { env })).stdout).not.toContain('An earlier one was killed');
  });
});
