// Conditional requests over real HTTP: nothing is decided at a revision that the caller did not mean, nothing is sent that it has.

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import type { ProductView } from '../../../src/projections/products/product-view.js';
import { collect, withFaults } from '../../support/event-store.js';
import { keysIn, type ServedApi, serveApi } from '../served-api.js';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly parameter?: string }[];
}
const line = { sku: '22465', quantity: 12, unitPrice: 165 };
const order = { customerId: '17850', currency: 'GBP', lines: [line], payment: { method: 'pm_card_visa' } };

async function confirmed(): Promise<OrderView> {
  const { body } = await api.ask<OrderView>('POST', '/api/v1/orders', order);
  await api.confirm(body.id, body.total);
  return body;
}
const events = async (id: string) => (await collect(api.store.readStream(`order-${id}`))).length;

describe('If-Match on a command', () => {
  it('is the revision of the order: at another one nothing is done', async () => {
    const { id } = await confirmed();
    const before = await events(id);
    const old = await api.ask<Problem>('POST', `/api/v1/orders/${id}/ship`, {}, { 'if-match': '"4"' });
    expect([old.status, old.body.code, await events(id)]).toEqual([412, 'revision-mismatch', before]);
    const shipped = await api.ask<OrderView>('POST', `/api/v1/orders/${id}/ship`, {}, { 'if-match': '"5"' });
    expect([shipped.status, shipped.body.status]).toEqual([200, 'SHIPPED']);
  });

  it('is decided on the state that the command is decided on, whatever another process has written since', async () => {
    const { id } = await confirmed();
    const other = await api.another();
    // Both know the order at revision 5; then one of them moves it on.
    await other.ask('POST', `/api/v1/orders/${id}/ship`, {}, { 'if-match': '"4"' });
    await api.ask('POST', `/api/v1/orders/${id}/ship`, {});
    const late = await other.ask<Problem>('POST', `/api/v1/orders/${id}/deliver`, {}, { 'if-match': '"5"' });
    expect([late.status, late.body.code]).toEqual([412, 'revision-mismatch']);
    const told = await other.ask<OrderView>('POST', `/api/v1/orders/${id}/deliver`, {}, { 'if-match': '"6"' });
    expect([told.status, told.body.status]).toEqual([200, 'DELIVERED']);
    await other.close();
  });

  it('of many that were meant for one revision lets exactly one through', async () => {
    const { id } = await confirmed();
    const clears = Array.from({ length: 20 }, (_, n) =>
      api.ask('POST', `/api/v1/orders/${id}/cancel`, { reason: `reason ${n}` }, { 'if-match': '"5"' }),
    );
    const statuses = (await Promise.all(clears)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
  });

  it('under an Idempotency-Key does not refuse its own repeat, not even after the first run died unanswered', async () => {
    const { id } = await confirmed();
    let dying = true;
    const store = withFaults(api.store, {
      readStream: (...call) => {
        if (dying && call[0] === `order-${id}` && call[1] === undefined) throw new Error('killed before it could answer');
        return api.store.readStream(...call);
      },
    });
    const handler = createCommandHandler(api.store, { appVersion: 'test' });
    const first = await api.another({ store, handler, idempotencyKeys: keysIn(api.database) });
    const ship = (process: Pick<ServedApi, 'ask'>) =>
      process.ask<OrderView>('POST', `/api/v1/orders/${id}/ship`, {}, { 'if-match': '"5"', 'idempotency-key': `ship-${id}` });
    expect((await ship(first)).status).toBe(500);
    const written = await events(id);
    dying = false;
    const retry = await ship(api);
    expect([retry.status, retry.body.status, retry.body.revision, await events(id)]).toEqual([200, 'SHIPPED', 6, written]);
    const again = await ship(api);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    await first.close();
  });

  it('with another revision under the same key is another request', async () => {
    const { id } = await confirmed();
    const ship = (tag: string) =>
      api.ask<Problem>('POST', `/api/v1/orders/${id}/ship`, {}, { 'if-match': tag, 'idempotency-key': `other-${id}` });
    expect((await ship('"3"')).status).toBe(412);
    expect((await ship('"5"')).body.code).toBe('idempotency-key-reused');
  });

  it('finds no order where there is none', async () => {
    const { status } = await api.ask('POST', '/api/v1/orders/01985c5e-0000-7000-8000-0000000000ff/ship', {}, { 'if-match': '"0"' });
    expect(status).toBe(404);
  });

  it('protects a PUT against what others have put, and If-None-Match: * against what is there', async () => {
    const put = (description: string, headers: Record<string, string>) =>
      api.ask<ProductView & Problem>('PUT', '/api/v1/products/GUARDED', { description, prices: [] }, headers);
    expect((await put('a', { 'if-match': '"0"' })).body.code).toBe('revision-mismatch');
    const first = await put('a', { 'if-none-match': '*' });
    expect([first.status, first.headers.get('etag')]).toEqual([201, '"0"']);
    expect((await put('b', { 'if-none-match': '*' })).status).toBe(412);
    expect((await put('b', { 'if-match': '"0"' })).status).toBe(200);
    expect((await put('c', { 'if-match': '"0"' })).status).toBe(412);
  });
});

describe('compressed answers', () => {
  const raw = async (path: string, headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') => {
    const answer = await request(api.url + path, { method, headers });
    return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  };
  const big = async () => {
    const lines = Array.from({ length: 30 }, (_, n) => ({ ...line, sku: `S${n}` }));
    const { body } = await api.ask<OrderView>('POST', '/api/v1/orders', { ...order, lines });
    return { id: body.id, min: { 'panglot-min-position': body.position } };
  };

  it('are the same bytes in another coding, under a tag of their own, and Vary says so', async () => {
    const { id, min } = await big();
    const path = `/api/v1/orders/${id}`;
    const plain = await raw(path, min);
    const gzipped = await raw(path, { ...min, 'accept-encoding': 'gzip' });
    const brotli = await raw(path, { ...min, 'accept-encoding': 'br;q=1, gzip;q=0.5' });
    expect([plain, gzipped, brotli].map(({ headers }) => [headers.etag, headers['content-encoding']])).toEqual([
      ['"0"', undefined],
      ['"0-gzip"', 'gzip'],
      ['"0-br"', 'br'],
    ]);
    expect(gunzipSync(gzipped.bytes).equals(plain.bytes)).toBe(true);
    expect(brotliDecompressSync(brotli.bytes).equals(plain.bytes)).toBe(true);
    expect(gzipped.bytes.length).toBeLessThan(plain.bytes.length);
    for (const { headers } of [plain, gzipped]) expect(headers.vary).toContain('Accept-Encoding');
  });

  it('are recognised by their tag, in every coding, and by a command too', async () => {
    const { id, min } = await big();
    const path = `/api/v1/orders/${id}`;
    const unchanged = await raw(path, { ...min, 'accept-encoding': 'gzip', 'if-none-match': '"0-gzip"' });
    expect([unchanged.status, unchanged.headers.etag, unchanged.bytes.length]).toEqual([304, '"0-gzip"', 0]);
    const cancel = await api.ask('POST', `${path}/cancel`, {}, { 'if-match': '"0-gzip"' });
    expect([200, 202]).toContain(cancel.status);
  });

  it('are none where that is not worth it, or not wanted', async () => {
    const small = await raw('/livez', { 'accept-encoding': 'gzip' });
    const { id, min } = await big();
    const unwanted = await raw(`/api/v1/orders/${id}`, { ...min, 'accept-encoding': 'gzip;q=0, identity' });
    expect([small, unwanted].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, undefined]);
  });

  it('have the headers of GET when they are asked for by HEAD, and no body', async () => {
    const { id, min } = await big();
    const [get, head] = await Promise.all(
      (['GET', 'HEAD'] as const).map((method) => raw(`/api/v1/orders/${id}`, { ...min, 'accept-encoding': 'gzip' }, method)),
    );
    const kept = ({ headers }: { headers: Record<string, unknown> } = { headers: {} }) =>
      ['etag', 'content-encoding', 'content-length', 'content-type', 'vary'].map((name) => headers[name]);
    expect(kept(head)).toEqual(kept(get));
    expect(head?.bytes.length).toBe(0);
  });
});

describe('If-None-Match on a list', () => {
  it('answers 304 for as long as nothing has happened', async () => {
    const first = await api.ask('GET', '/api/v1/warehouses');
    const tag = first.headers.get('etag') ?? '';
    expect((await api.ask('GET', '/api/v1/warehouses', undefined, { 'if-none-match': tag })).status).toBe(304);
  });
});
