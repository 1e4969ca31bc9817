// The README's tour, each step as it stands there. The commands are read, not run by a shell: a fresh machine may have no curl.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { panglot } from '../cli/panglot.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';
import { commandsIn, textOf, wordsOf } from './pages.js';

const readme = textOf('README.md');

interface Step {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The commands of the tour, in order. */
const tourCommands = [
  ...readme.slice(readme.indexOf('## A tour'), readme.indexOf('## Real invoices')).matchAll(/```sh\n([\s\S]*?)```/g),
].flatMap((match) => commandsIn(match[1] ?? ''));

/** Those of them that ask the API. */
function tour(): readonly Step[] {
  const commands = tourCommands.filter((line) => line.startsWith('curl '));
  return commands.map((command) => {
    const words = wordsOf(command);
    const after = (flag: string) => words.flatMap((word, index) => (word === flag ? [words[index + 1] ?? ''] : []));
    const url = words.find((word) => word.startsWith('http://localhost:8080'));
    if (url === undefined) throw new Error(`No address of ours in: ${command}`);
    return {
      method: after('-sX')[0] ?? 'GET',
      path: url.slice('http://localhost:8080'.length),
      headers: Object.fromEntries(after('-H').map((header) => header.split(': ') as [string, string])),
      body: after('-d')[0],
    };
  });
}

const steps = tour();
let home: PlatformHome;
let platform: Platform;
const answers: { status: number; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
  let orderId = '';
  let lastId = '';
  for (const { method, path, headers, body } of steps) {
    const response = await fetch(`${platform.url}${path.replace('ORDER-ID', orderId).replace('LAST-ID', lastId)}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const answer = { status: response.status, body: (await response.json()) as Record<string, unknown> };
    if (path === '/api/v1/orders') lastId = String(answer.body.id);
    if (orderId === '') orderId = lastId;
    answers.push(answer);
  }
}, 120_000);
afterAll(() => home.remove());

describe("the README's tour", () => {
  const wanted: readonly (readonly [step: string, status: number, body: object])[] = [
    ['lists a product', 201, { sku: '22465', prices: [{ currency: 'GBP', amount: 165 }] }],
    ['receives stock', 200, { onHand: 100, available: 100 }],
    ['settles an order at the price of the product', 201, { status: 'CONFIRMED', total: 1980 }],
    ['answers the same reference with the same order', 200, { status: 'CONFIRMED', reference: 'tour-1' }],
    ['is declined', 201, { status: 'CANCELLED', cancellation: { reason: 'PAYMENT_DECLINED' } }],
    ['is short', 201, { cancellation: { shortages: [{ sku: '22465', requested: 1000, available: 88 }] } }],
    ['shows what is left', 200, { onHand: 100, reserved: 12, available: 88 }],
    ['lists the orders', 200, { data: [{ reference: 'tour-3' }, { reference: 'tour-2' }, { reference: 'tour-1' }] }],
    ['tells what happened', 200, { data: expect.arrayContaining([expect.objectContaining({ type: 'StockReserved' })]) }],
    ['ships', 200, { status: 'SHIPPED' }],
    ['delivers', 200, { status: 'DELIVERED' }],
    ['settles another', 201, { status: 'CONFIRMED', reference: null }],
    ['answers the same key with the same answer', 201, { status: 'CONFIRMED', reference: null }],
    ['is being cancelled', 202, { status: 'CONFIRMED', cancelling: true }],
    ['tells the saga', 200, { data: expect.arrayContaining([expect.objectContaining({ step: 'CAPTURE_PAYMENT' })]) }],
    ['describes itself', 200, { openapi: '3.1.0' }],
  ];
  it('has as many steps as are expected here', () => expect(steps.length + 1).toBe(wanted.length));
  it.each(wanted.slice(0, -1).map((step, index) => [...step, index] as const))('%s', (_, status, body, index) => {
    expect(answers[index]?.body).toMatchObject(body);
    expect(answers[index]?.status).toBe(status);
  });
  it('the same order is the same one', () => {
    expect(answers[3]?.body.id).toBe(answers[2]?.body.id);
    expect(answers[12]?.body).toEqual(answers[11]?.body);
  });
  it('its document is where the README says', async () => {
    const [, status, body] = wanted.at(-1) ?? [];
    const answer = await platform.get('/api/v1/openapi.json');
    expect([answer.status, answer.body]).toMatchObject([status, body]);
  });
});

describe("the README's tour in the terminal", () => {
  const called = 'npm run panglot -- ';
  const commands = tourCommands.filter((line) => line.startsWith(called)).map((line) => line.slice(called.length));
  const wanted: readonly (readonly [command: string, told: RegExp])[] = [
    ['order show tour-1', /^Order tour-1 .*: DELIVERED\n[\s\S]*✓ order +OrderConfirmed/],
    [
      'order show tour-3',
      /: CANCELLED, INSUFFICIENT_STOCK\n[\s\S]*✗ reservation +InventoryReservationFailed +22465: 1000 wanted, 88 there/,
    ],
    ['stock show 22465', /HANGING METAL STAR LANTERN\n {2}main/],
    ['stream read stock-22465 --limit 3', /StockReceived[\s\S]*StockReserved/],
  ];
  it('has these commands', () => expect(commands).toEqual(wanted.map(([command]) => command)));
  it.each(wanted)('%s', async (command, told) => {
    const words = command.startsWith('stream') ? wordsOf(command) : [...wordsOf(command), '--url', platform.url];
    const { code, stdout } = await panglot(words, { env: { DATA_DIR: home.folder } });
    expect(stdout).toMatch(told);
    expect(code).toBe(0);
  });
});
