// What a caller may rely on who sends an Idempotency-Key. What happens when a process dies is in idempotency-crashes.int.test.ts.

import { v7 as uuid7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import type { StockView } from '../../../src/projections/stock/stock-view.js';
import { eventually } from '../../support/condition.js';
import { collect, withFaults } from '../../support/event-store.js';
import { keysIn, type ServedApi, type ServedProcess, serveApi } from '../served-api.js';

interface Problem {
  readonly code: string;
  readonly instance: string;
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const line = { sku: '22465', quantity: 12, unitPrice: 165 };
const request = { customerId: '17850', currency: 'GBP', lines: [line], payment: { method: 'pm_card_visa' } };
const orders = '/api/v1/orders';

const ask = <Body>(path: string, body: unknown, key: string, headers: Record<string, string> = {}, by: ServedProcess = api) =>
  by.ask<Body>('POST', path, body, { 'idempotency-key': key, ...headers });
const place = (key: string, over: object = {}, headers: Record<string, string> = {}, by: ServedProcess = api) =>
  ask<OrderView>(orders, { ...request, ...over }, key, headers, by);

type Answer = Awaited<ReturnType<typeof place>>;
const replayed = ({ headers }: Pick<Answer, 'headers'>) => headers.get('idempotency-replayed');
/** The headers that belong to an answer, rather than to its way here. */
const own = ({ headers }: Pick<Answer, 'headers'>) =>
  Object.fromEntries(
    [...headers].filter(
      ([name]) => !['date', 'connection', 'keep-alive', 'request-id', 'idempotency-replayed', 'transfer-encoding'].includes(name),
    ),
  );
const events = async () => (await collect(api.store.readAll())).length;

/** Another process that is closed when the test has ended. */
async function another(...over: Parameters<ServedApi['another']>): Promise<ServedProcess> {
  const process = await api.another(...over);
  onTestFinished(() => process.close());
  return process;
}

describe('the same request under its key', () => {
  it('is answered with the same answer, marked as a replay, and does nothing', async () => {
    const first = await place('same-1');
    expect([first.status, replayed(first)]).toEqual([201, null]);
    const before = await events();
    const again = await place('same-1');
    expect([again.status, replayed(again)]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    expect(own(again)).toEqual(own(first));
    expect(own(again)).toMatchObject({
      location: `/api/v1/orders/${first.body.id}`,
      etag: '"0"',
      'panglot-position': first.body.position,
    });
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
    expect(await events()).toBe(before);
  });

  it('receives stock once', async () => {
    const receive = () => ask<StockView>('/api/v1/stock/ONCE/receipts', { warehouse: 'main', quantity: 5 }, 'receipt-1');
    const [first, again] = [await receive(), await receive()];
    expect([first.status, first.body.onHand, again.body]).toEqual([200, 5, first.body]);
    expect((await api.ask<StockView>('POST', '/api/v1/stock/ONCE/receipts', { warehouse: 'main', quantity: 1 })).body.onHand).toBe(
      6,
    );
  });

  it('is the same in whatever order its members come, however it is spaced, and whether or not its key is quoted', async () => {
    const first = await place('same-2');
    const text = JSON.stringify(Object.fromEntries(Object.entries(request).reverse()), null, 2);
    const again = await ask<OrderView>(orders, text, '"same-2"');
    expect([again.status, replayed(again), again.body]).toEqual([201, 'true', first.body]);
  });

  it('has ids of version 7 for what it makes, with a key and without', async () => {
    const [keyed, bare] = [await place('same-3'), await api.ask<OrderView>('POST', orders, request)];
    for (const { body } of [keyed, bare])
      expect(body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is answered whole, however large the answer', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => ({
      sku: `SKU-${n}`,
      quantity: n + 1,
      unitPrice: 99,
      description: 'x'.repeat(100),
    }));
    const first = await place('large', { lines });
    const again = await place('large', { lines });
    expect([first.status, replayed(again)]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
  });

  it('is answered the same after a restart, by another process', async () => {
    const first = await place('restart');
    const again = await place('restart', {}, {}, await another());
    expect([again.status, replayed(again), again.body]).toEqual([201, 'true', first.body]);
  });

  it('waited once: the replay answers what was answered then, whatever has become of the order', async () => {
    const headers = { prefer: 'wait=20' };
    const waiting = place('waits', { reference: 'waits' }, headers);
    const id = await eventually(async () => {
      const { body } = await api.ask<{ data: readonly OrderView[] }>('GET', `${orders}?reference=waits`);
      return body.data[0]?.id;
    });
    await api.confirm(id, 1980);
    const first = await waiting;
    expect([first.body.status, first.headers.get('preference-applied')]).toEqual(['CONFIRMED', 'wait=20']);
    await api.ask('POST', `${orders}/${id}/ship`, {});
    const again = await place('waits', { reference: 'waits' }, headers);
    expect([again.status, replayed(again), again.body]).toEqual([201, 'true', first.body]);
    expect(again.headers.get('preference-applied')).toBe('wait=20');
  });

  it('costs two statements, and without a key none', async () => {
    let statements = 0;
    const counted = keysIn({
      ...api.database,
      query: (statement, values) => {
        statements += 1;
        return api.database.query(statement, values);
      },
    });
    const process = await another({ idempotencyKeys: counted });
    await process.ask('POST', orders, request);
    expect(statements).toBe(0);
    await place('statements', {}, {}, process);
    expect(statements).toBe(2);
    await place('statements', {}, {}, process);
    expect(statements).toBe(3);
  });
});

describe('another request under a key that was used', () => {
  it('is refused with 422, by its body or by its path, and does nothing', async () => {
    const { body } = await place('used');
    const before = await events();
    const others = [
      await ask<Problem>(orders, { ...request, customerId: '1' }, 'used'),
      await ask<Problem>(`${orders}/${body.id}/deliver`, undefined, 'used'),
      await ask<Problem>('/api/v1/stock/USED/receipts', { warehouse: 'main', quantity: 1 }, 'used'),
    ];
    for (const other of others)
      expect([other.status, other.body.code, replayed(other)]).toEqual([422, 'idempotency-key-reused', null]);
    expect(await events()).toBe(before);
    expect((await place('used')).body.id).toBe(body.id);
  });

  it('is refused for another resource on the same route', async () => {
    const receipt = { warehouse: 'main', quantity: 1 };
    await ask('/api/v1/stock/ONE/receipts', receipt, 'sku');
    expect((await ask<Problem>('/api/v1/stock/TWO/receipts', receipt, 'sku')).body.code).toBe('idempotency-key-reused');
  });
});

describe('a refusal of a command', () => {
  it('is kept, whatever has become true since', async () => {
    const unpriced = { lines: [{ sku: 'LATER', quantity: 1 }] };
    const first = await ask<Problem>(orders, { ...request, ...unpriced }, 'refused');
    expect([first.status, first.body.code]).toEqual([422, 'price-unknown']);
    await api.ask('PUT', '/api/v1/products/LATER', { description: 'Later', prices: [{ currency: 'GBP', amount: 5 }] });
    const again = await ask<Problem>(orders, { ...request, ...unpriced }, 'refused');
    expect([again.status, replayed(again), again.body]).toEqual([422, 'true', first.body]);
    expect(again.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(again.body.instance).toBe(`urn:uuid:${first.headers.get('request-id')}`);
    expect((await place('refused-2', unpriced)).status).toBe(201);
  });

  it('is kept as 409 and as 404', async () => {
    const { body } = await place('refused-3');
    for (const [id, status] of [
      [body.id, 409],
      [uuid7(), 404],
    ] as const) {
      const ship = () => ask<Problem>(`${orders}/${id}/ship`, {}, `ship-${status}`);
      const [first, again] = [await ship(), await ship()];
      expect([first.status, replayed(first), again.status, replayed(again)]).toEqual([status, null, status, 'true']);
      expect(again.body).toEqual(first.body);
    }
  });
});

describe('an answer that says nothing of the command is not kept:', () => {
  it.each<[string, number, unknown, Record<string, string>]>([
    ['a body that is not valid', 422, { ...request, lines: [] }, {}],
    ['a body that is not JSON', 400, '{', {}],
    ['a parameter that is not valid', 400, request, { prefer: 'wait=31' }],
    ['a type that is not taken', 415, JSON.stringify(request), { 'content-type': 'text/plain' }],
    ['an answer that is not acceptable', 406, request, { accept: 'text/csv' }],
  ])('%s leaves the key to the right request', async (name, status, body, headers) => {
    for (const _ of ['once', 'again']) {
      const wrong = await ask(orders, body, name, headers);
      expect([wrong.status, replayed(wrong)]).toEqual([status, null]);
    }
    const right = await place(name);
    expect([right.status, replayed(right)]).toEqual([201, null]);
  });

  it('503 when there is no room leaves the key to a retry', async () => {
    const full = await another({ commandLimit: 0 });
    const refused = await place('no-room', {}, {}, full);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await place('no-room')).toMatchObject({ status: 201 });
  });

  it('503 when nobody knows whether it was done leaves the key to a retry at once, which finds it done', async () => {
    let lost = true;
    const store = withFaults(api.store, {
      append: async (stream, written, expected) => {
        const result = await api.store.append(stream, written, expected);
        if (lost) throw new OutcomeUnknown('The reply was lost.');
        return result;
      },
    });
    const process = await another({ store, handler: createCommandHandler(store, { appVersion: 'test', patience: 0 }) });
    const receive = () =>
      ask<StockView>('/api/v1/stock/UNKNOWN/receipts', { warehouse: 'main', quantity: 5 }, 'unknown', {}, process);
    expect((await receive()).status).toBe(503);
    lost = false;
    const retry = await receive();
    expect([retry.status, replayed(retry), retry.body.onHand]).toEqual([200, null, 5]);
    expect(await collect(api.store.readStream('stock-UNKNOWN'))).toHaveLength(1);
  });

  it('500 leaves the key to a retry: what is broken here may be mended', async () => {
    let broken = true;
    const handler = createCommandHandler(api.store, { appVersion: 'test' });
    const process = await another({
      handler: {
        ...handler,
        handle: (...command) => (broken ? Promise.reject(new Error('broken')) : handler.handle(...command)),
      },
    });
    expect((await place('broken', {}, {}, process)).status).toBe(500);
    broken = false;
    expect((await place('broken', {}, {}, process)).status).toBe(201);
  });
});

describe('when the database is away', () => {
  const away = () => Promise.reject(new Unavailable('The database is away.'));

  it('a request with a key is not done, and one without a key is', async () => {
    const process = await another({ idempotencyKeys: { ...keysIn(api.database), claim: away } });
    const before = await events();
    const refused = await place('away-1', {}, {}, process);
    expect([refused.status, refused.headers.get('retry-after'), await events()]).toEqual([503, '1', before]);
    expect((await process.ask('POST', orders, request)).status).toBe(201);
  });

  it('an answer that could not be stored is not sent: a retry gets it', async () => {
    let stores = 0;
    const real = keysIn(api.database);
    const process = await another({
      idempotencyKeys: { ...real, store: (claim, answer) => (++stores === 1 ? away() : real.store(claim, answer)) },
    });
    expect((await place('away-2', {}, {}, process)).status).toBe(503);
    const retry = await place('away-2', {}, {}, process);
    expect([retry.status, replayed(retry)]).toEqual([201, null]);
    expect(retry.body).toEqual((await api.ask(`GET`, `${orders}/${retry.body.id}?minPosition=${retry.body.position}`)).body);
  });
});

describe('while a request runs', () => {
  /** A process whose appends wait until they are let through. */
  async function held(claimMs: number) {
    let letThrough = () => {};
    const through = new Promise<void>((resolve) => (letThrough = resolve));
    let appending = () => {};
    const begun = new Promise<void>((resolve) => (appending = resolve));
    const store = withFaults(api.store, {
      append: async (...append) => {
        appending();
        await through;
        return api.store.append(...append);
      },
    });
    const process = await another({
      ...{ store, idempotencyKeys: keysIn(api.database, claimMs) },
      handler: createCommandHandler(store, { appVersion: 'test' }),
    });
    return { process, begun, letThrough };
  }

  it('of fifty clients with one key exactly one is served, and the others are told to come again', async () => {
    const { process, begun, letThrough } = await held(5_000);
    const all = Array.from({ length: 50 }, () => place('fifty', {}, {}, process));
    const inUse = async () => {
      const answers = await Promise.all(all.map((one) => Promise.race([one, Promise.resolve(null)])));
      return answers.filter((one) => one !== null);
    };
    await begun;
    const told = await eventually(async () => {
      const answers = await inUse();
      return answers.length === 49 && answers;
    });
    for (const one of told)
      expect([one.status, one.headers.get('retry-after'), one.body]).toMatchObject([409, '1', { code: 'idempotency-key-in-use' }]);
    letThrough();
    const served = (await Promise.all(all)).filter(({ status }) => status === 201);
    expect(served.map(replayed)).toEqual([null]);
    const late = await place('fifty', {}, {}, process);
    expect([late.status, replayed(late), late.body]).toEqual([201, 'true', served[0]?.body]);
  });

  it('its claim is renewed for as long as it takes', async () => {
    const claimMs = 150;
    const { process, begun, letThrough } = await held(claimMs);
    const first = place('renewed', {}, {}, process);
    await begun;
    const until = async () =>
      (await api.database.query<{ claimed_until: Date }>("SELECT claimed_until FROM idempotency_keys WHERE key = 'renewed'"))
        .rows[0]?.claimed_until;
    const initial = await until();
    // Beyond its first claim by more than a whole one.
    await eventually(async () => Number(await until()) - Number(initial) > 2 * claimMs);
    expect((await place('renewed')).status).toBe(409);
    letThrough();
    expect((await first).status).toBe(201);
    expect(replayed(await place('renewed'))).toBe('true');
  });
});
