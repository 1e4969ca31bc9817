// Receipts, adjustments and sales at the counter over HTTP: what they do, and what they refuse without doing half of it.

import { v7 as uuid7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemView } from '../../../src/api/rest/problem.js';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { type StockCommand, stock } from '../../../src/domain/stock/stock.js';
import { warehouse } from '../../../src/domain/warehouse/warehouse.js';
import type { StockView } from '../../../src/projections/stock/stock-view.js';
import { collect } from '../../support/event-store.js';
import { type ServedApi, serveApi } from '../served-api.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { pointer?: string }[];
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
  await api.ask('PUT', '/api/v1/warehouses/north', { name: 'North' });
});
afterAll(() => api.close());

const events = async () => (await collect(api.store.readAll())).length;
const post = <Body>(path: string, body: unknown) => api.ask<Body>('POST', `/api/v1/stock/${path}`, body);
const receive = (sku: string, quantity: number, warehouse = 'main') => post<StockView>(`${sku}/receipts`, { warehouse, quantity });

/** Sends a command to a stock stream, as the process manager would. */
async function tell(sku: string, command: StockCommand) {
  const id = uuid7();
  const context = { commandId: id, correlationId: id, actor: 'test', at: new Date().toISOString() };
  const { outcome } = await api.handler.handle(stock, sku, command, context);
  if (outcome !== 'decided') throw new Error(`${command.type} was ${outcome}.`);
}
const reserve = (sku: string, quantity: number) =>
  tell(sku, { type: 'ReserveStock', orderId: uuid7(), requestedAt: '1', quantity, priority: ['main'] });

/** Closes a warehouse. No command does yet; the event is known, so that whoever reads it is ready. */
async function close(id: string): Promise<void> {
  const decide = () => ({ outcome: 'decided', events: [{ type: 'WarehouseClosed', data: {} }] }) as const;
  const command = { type: 'PutWarehouse', warehouse: id, name: id, region: null, priority: 0 } as const;
  const context = { commandId: uuid7(), correlationId: uuid7(), actor: 'test', at: new Date().toISOString() };
  await createCommandHandler(api.store).handle({ ...warehouse, decide }, id, command, context);
  await api.handler.load(warehouse, id, 'head');
}

/** The answer's problem, once it is sure that nothing was written for the request. */
async function refused(path: string, body: unknown): Promise<Problem> {
  const before = await events();
  const answer = await post<Problem>(path, body);
  expect(await events()).toBe(before);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(problemView.parse(answer.body)).toEqual(answer.body);
  expect(answer.body.status).toBe(answer.status);
  return answer.body;
}

describe('an adjustment', () => {
  it('answers with the stock that a read at its position shows, up and down', async () => {
    await receive('ADJUSTED', 10);
    await receive('ADJUSTED', 4, 'north');
    await reserve('ADJUSTED', 3);
    const up = await post<StockView>('adjusted/adjustments', { warehouse: 'main', quantity: 2, reason: 'found behind a shelf' });
    expect([up.status, up.body]).toEqual([
      200,
      expect.objectContaining({
        sku: 'ADJUSTED',
        onHand: 16,
        reserved: 3,
        available: 13,
        warehouses: [
          { warehouse: 'main', onHand: 12, reserved: 3, available: 9 },
          { warehouse: 'north', onHand: 4, reserved: 0, available: 4 },
        ],
      }),
    ]);
    const down = await post<StockView>('ADJUSTED/adjustments', { warehouse: 'main', quantity: -9, reason: 'broken' });
    expect([down.status, down.body.onHand, down.body.available]).toEqual([200, 7, 4]);
    expect(down.headers.get('panglot-position')).toBe(down.body.position);
    const position = { 'panglot-min-position': down.body.position };
    expect((await api.ask('GET', '/api/v1/stock/ADJUSTED', undefined, position)).body).toEqual(down.body);
  });

  it('is written with its reason', async () => {
    await post('REASON/adjustments', { warehouse: 'main', quantity: 1, reason: 'Zählung im März' });
    const [event] = await collect(api.store.readStream('stock-REASON'));
    expect(JSON.parse(Buffer.from(event?.data ?? []).toString())).toMatchObject({ quantity: 1, reason: 'Zählung im März' });
  });

  it('below what is reserved in its warehouse is refused, whatever lies elsewhere', async () => {
    await receive('PROMISED', 10);
    await receive('PROMISED', 100, 'north');
    await reserve('PROMISED', 8);
    const problem = await refused('PROMISED/adjustments', { warehouse: 'main', quantity: -3, reason: 'x' });
    expect([problem.status, problem.code]).toEqual([409, 'stock-insufficient']);
    expect(problem.detail).toBe('3 units were asked for; 2 are available.');
    expect(problem.errors).toEqual([expect.objectContaining({ pointer: '#/quantity', code: 'stock_insufficient' })]);
  });

  it('beyond what can be counted is refused', async () => {
    const quantity = Number.MAX_SAFE_INTEGER - 5;
    const receipt = {
      type: 'ReceiveStock',
      commandId: uuid7(),
      warehouse: 'main',
      quantity,
      unitCost: null,
      currency: null,
    } as const;
    await tell('FULL', receipt);
    for (const [path, body] of [
      ['FULL/adjustments', { warehouse: 'north', quantity: 6, reason: 'x' }],
      ['FULL/receipts', { warehouse: 'north', quantity: 6 }],
    ] as const) {
      const problem = await refused(path, body);
      expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([422, 'stock-too-large', '#/quantity']);
    }
    const last = await post<StockView>('FULL/adjustments', { warehouse: 'north', quantity: 5, reason: 'x' });
    expect([last.status, last.body.onHand]).toEqual([200, Number.MAX_SAFE_INTEGER]);
  });
});

describe('a sale at the counter', () => {
  it('takes what nobody has reserved, and answers with the stock that a read at its position shows', async () => {
    await receive('COUNTER', 10);
    await reserve('COUNTER', 4);
    const { status, body } = await post<StockView>('counter/sales', { warehouse: 'main', quantity: 6 });
    expect([status, body.onHand, body.reserved, body.available]).toEqual([200, 4, 4, 0]);
    const position = { 'panglot-min-position': body.position };
    expect((await api.ask('GET', '/api/v1/stock/COUNTER', undefined, position)).body).toEqual(body);
    const problem = await refused('COUNTER/sales', { warehouse: 'main', quantity: 1 });
    expect([problem.status, problem.code, problem.detail]).toEqual([
      409,
      'stock-insufficient',
      '1 units were asked for; 0 are available.',
    ]);
  });

  it('of a SKU that nobody has heard of is a sale of what is not there', async () => {
    expect(await refused('UNHEARD-OF/sales', { warehouse: 'main', quantity: 1 })).toMatchObject({
      status: 409,
      code: 'stock-insufficient',
    });
    expect((await api.ask('GET', '/api/v1/stock/UNHEARD-OF')).status).toBe(404);
  });

  it('sells the last units once, however many want them at the same time', async () => {
    await receive('LAST', 5);
    const sales = await Promise.all(
      Array.from({ length: 20 }, () => post<{ code?: string }>('LAST/sales', { warehouse: 'main', quantity: 1 })),
    );
    expect(sales.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(sales.filter(({ body }) => body.code === 'stock-insufficient')).toHaveLength(15);
  });
});

describe('a command id', () => {
  it('makes adjustments and sales repeatable, also once they could not be granted any more', async () => {
    await receive('TWICE', 5);
    for (const [path, body, onHand] of [
      ['TWICE/adjustments', { commandId: uuid7(), warehouse: 'main', quantity: -2, reason: 'broken' }, 3],
      ['TWICE/sales', { commandId: uuid7(), warehouse: 'main', quantity: 3 }, 0],
    ] as const) {
      const first = await post<StockView>(path, body);
      const before = await events();
      const again = await post<StockView>(path, body);
      expect([first.status, first.body.onHand]).toEqual([200, onHand]);
      expect([again.status, again.body]).toEqual([200, first.body]);
      expect(await events()).toBe(before);
    }
  });

  it('that stands for one command is refused for another, which does nothing', async () => {
    await receive('REUSED', 50);
    const sale = { commandId: uuid7(), warehouse: 'main', quantity: 3 };
    await post('REUSED/sales', sale);
    for (const [path, body] of [
      ['REUSED/sales', { ...sale, quantity: 4 }],
      ['REUSED/sales', { ...sale, warehouse: 'north' }],
      ['REUSED/adjustments', { ...sale, reason: 'x' }],
      ['REUSED/receipts', sale],
    ] as const) {
      const problem = await refused(path, body);
      expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([409, 'command-id-taken', '#/commandId']);
    }
  });

  it('without one each request is a command of its own', async () => {
    await receive('EACH', 5);
    for (const left of [4, 3])
      expect((await post<StockView>('EACH/sales', { warehouse: 'main', quantity: 1 })).body.onHand).toBe(left);
  });
});

describe('a warehouse', () => {
  it.each([
    ['receipts', { quantity: 1 }],
    ['adjustments', { quantity: 1, reason: 'x' }],
    ['adjustments', { quantity: -1, reason: 'x' }],
    ['sales', { quantity: 1 }],
  ])('that was never opened takes no %s', async (path, body) => {
    const problem = await refused(`NOWHERE/${path}`, { warehouse: 'moon', ...body });
    expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([422, 'warehouse-unknown', '#/warehouse']);
  });

  it('that was closed is refused, but a repeat of what was done before is answered as done', async () => {
    await api.ask('PUT', '/api/v1/warehouses/popup', { name: 'Popup' });
    await receive('POPUP', 1, 'popup');
    const sale = { commandId: uuid7(), warehouse: 'popup', quantity: 1 };
    const sold = await post<StockView>('POPUP/sales', sale);
    await close('popup');
    for (const [path, body] of [
      ['receipts', { warehouse: 'popup', quantity: 1 }],
      ['adjustments', { warehouse: 'popup', quantity: 1, reason: 'x' }],
      ['sales', { ...sale, commandId: uuid7() }],
    ] as const)
      expect(await refused(`POPUP/${path}`, body)).toMatchObject({ status: 422, code: 'warehouse-unknown' });
    const again = await post<StockView>('POPUP/sales', sale);
    expect([again.status, again.body]).toEqual([200, sold.body]);
  });
});

describe('a request that is not well-formed', () => {
  const adjustment = { warehouse: 'main', quantity: 1, reason: 'stock-take' };
  const sale = { warehouse: 'main', quantity: 1 };
  const withNumber = (body: object, number: string) => JSON.stringify(body).replace('"quantity":1', `"quantity":${number}`);

  it.each<[string, string, unknown, string]>([
    ['an adjustment by zero', 'adjustments', { ...adjustment, quantity: 0 }, '#/quantity'],
    ['an adjustment by minus zero', 'adjustments', withNumber(adjustment, '-0'), '#/quantity'],
    ['an adjustment by half a unit', 'adjustments', { ...adjustment, quantity: 0.5 }, '#/quantity'],
    ['an adjustment in quotes', 'adjustments', { ...adjustment, quantity: '1' }, '#/quantity'],
    ['an adjustment by more than a billion', 'adjustments', { ...adjustment, quantity: 1_000_000_001 }, '#/quantity'],
    ['an adjustment by less than minus a billion', 'adjustments', { ...adjustment, quantity: -1_000_000_001 }, '#/quantity'],
    ['an adjustment beyond safe integers', 'adjustments', withNumber(adjustment, '-9007199254740993'), '#/quantity'],
    ['an adjustment beyond all numbers', 'adjustments', withNumber(adjustment, '-1e999'), '#/quantity'],
    ['an adjustment without a reason', 'adjustments', { ...adjustment, reason: undefined }, '#/reason'],
    ['an adjustment with an empty reason', 'adjustments', { ...adjustment, reason: '' }, '#/reason'],
    ['an adjustment with a reason of null', 'adjustments', { ...adjustment, reason: null }, '#/reason'],
    ['an adjustment with a line break in its reason', 'adjustments', { ...adjustment, reason: 'a\nb' }, '#/reason'],
    ['an adjustment with NUL in its reason', 'adjustments', { ...adjustment, reason: 'a\u0000b' }, '#/reason'],
    ['an adjustment with half a surrogate pair', 'adjustments', { ...adjustment, reason: 'a\ud800b' }, '#/reason'],
    ['an adjustment with a long story', 'adjustments', { ...adjustment, reason: 'x'.repeat(501) }, '#/reason'],
    ['an adjustment without a warehouse', 'adjustments', { ...adjustment, warehouse: undefined }, '#/warehouse'],
    ['an adjustment in a warehouse of other letters', 'adjustments', { ...adjustment, warehouse: 'Main' }, '#/warehouse'],
    ['an adjustment with a member too many', 'adjustments', { ...adjustment, unitCost: 1 }, '#/unitCost'],
    ['an adjustment with an id that is none', 'adjustments', { ...adjustment, commandId: '1' }, '#/commandId'],
    ['a sale of nothing', 'sales', { ...sale, quantity: 0 }, '#/quantity'],
    ['a sale of less than nothing', 'sales', { ...sale, quantity: -1 }, '#/quantity'],
    ['a sale of half a unit', 'sales', { ...sale, quantity: 1.5 }, '#/quantity'],
    ['a sale of more than a billion', 'sales', { ...sale, quantity: 1_000_000_001 }, '#/quantity'],
    ['a sale beyond safe integers', 'sales', withNumber(sale, '9007199254740993'), '#/quantity'],
    ['a sale beyond all numbers', 'sales', withNumber(sale, '1e999'), '#/quantity'],
    ['a sale without a quantity', 'sales', { warehouse: 'main' }, '#/quantity'],
    ['a sale with a reason', 'sales', { ...sale, reason: 'x' }, '#/reason'],
    ['a sale with a command id in capitals', 'sales', { ...sale, commandId: uuid7().toUpperCase() }, '#/commandId'],
    ['a sale that is not an object', 'sales', [sale], '#'],
  ])('%s: 422, and where', async (_, path, body, pointer) => {
    const problem = await refused(`WELL-FORMED/${path}`, body);
    expect([problem.status, problem.code]).toEqual([422, 'validation-failed']);
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it.each(['adjustments', 'sales'])('%s of a SKU that is none: 400; without a body: 400', async (path) => {
    expect(await refused(`%00/${path}`, path === 'sales' ? sale : adjustment)).toMatchObject({ code: 'parameter-invalid' });
    expect(await refused(`A/${path}`, undefined)).toMatchObject({ status: 400, code: 'malformed-request' });
  });
});

describe('GET /stock/{sku}/movements', () => {
  interface Movements {
    readonly data: readonly { readonly type: string; readonly warehouse: string; readonly balance: { readonly onHand: number } }[];
    readonly page: { readonly next: string | null };
  }
  const movements = (sku: string, query = '') => api.ask<Movements & Problem>('GET', `/api/v1/stock/${sku}/movements?${query}`);

  it('tells what happened, the newest first, page by page, and belongs to its SKU', async () => {
    await receive('ACCOUNT', 5);
    await receive('ACCOUNT', 7, 'north');
    const { position } = (await post<StockView>('ACCOUNT/sales', { warehouse: 'main', quantity: 2 })).body;
    const first = await movements('account', `minPosition=${position}&limit=2`);
    expect(first.body.data).toMatchObject([
      { type: 'SOLD', warehouse: 'main', balance: { onHand: 3 } },
      { type: 'RECEIVED', warehouse: 'north', balance: { onHand: 7 } },
    ]);
    const rest = await movements('ACCOUNT', `limit=2&cursor=${first.body.page.next}`);
    expect(rest.body).toMatchObject({ data: [{ type: 'RECEIVED', warehouse: 'main' }], page: { next: null } });
    expect((await movements('OTHER', `cursor=${first.body.page.next}`)).body.code).toBe('cursor-invalid');
    expect((await movements('ACCOUNT', 'warehouse=north')).body.data).toHaveLength(1);
    expect((await movements('ACCOUNT', 'warehouse=nowhere')).body.data).toEqual([]);
  });

  it('is 404 for a SKU of which nothing was ever moved', async () => expect((await movements('NEVER')).status).toBe(404));
});
