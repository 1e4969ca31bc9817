// What a page of another origin may do from a browser.

import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localOnly } from '../../../src/api/access/local-only.js';
import { type ServedApi, serveApi } from '../served-api.js';

const shop = 'https://shop.example';
let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({ corsOrigins: [shop], admission: localOnly(null, [shop]) });
});
afterAll(() => api.close());

async function ask(method: 'GET' | 'OPTIONS' | 'POST', path: string, headers: Record<string, string>) {
  const answer = await request(api.url + path, { method, headers });
  await answer.body.dump();
  return { status: answer.statusCode, headers: answer.headers };
}

const exposes = ['request-id', 'etag', 'panglot-position', 'vary', 'location', 'retry-after', 'idempotency-replayed'];

describe('a page of an allowed origin', () => {
  it('may read every header that answers carry, of problems too', async () => {
    for (const path of ['/api/v1/orders', '/api/v1/orders?colour=red', '/api/v1/nothing']) {
      const { headers } = await ask('GET', path, { origin: shop });
      expect(headers['access-control-allow-origin']).toBe(shop);
      expect(headers.vary).toContain('Origin');
      expect(String(headers['access-control-expose-headers']).toLowerCase().split(', ')).toEqual(expect.arrayContaining(exposes));
    }
  });

  it('is told by a preflight what it may send', async () => {
    const { status, headers } = await ask('OPTIONS', '/api/v1/orders', {
      origin: shop,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,idempotency-key,if-match,prefer',
    });
    expect([status, headers['access-control-allow-origin']]).toEqual([204, shop]);
    expect(headers['access-control-allow-methods']).toContain('POST');
    for (const name of ['Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Panglot-Min-Position', 'Prefer'])
      expect(headers['access-control-allow-headers']).toContain(name);
  });
});

describe('a page of another origin', () => {
  it('is refused, and told nothing that a browser would let it read', async () => {
    const { status, headers } = await ask('GET', '/api/v1/orders', { origin: 'https://evil.example' });
    expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
    const preflight = await ask('OPTIONS', '/api/v1/orders', {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([403, undefined]);
  });
});

describe('Request-Id', () => {
  it('is ours, whatever comes in: it is the id of a command, and no two may share it', async () => {
    const given = '01985c5e-0000-7000-8000-0000000000ff';
    const answers = await Promise.all([1, 2].map(() => ask('GET', '/api/v1/orders', { 'request-id': given })));
    const ids = answers.map(({ headers }) => headers['request-id']);
    expect(new Set([...ids, given]).size).toBe(3);
  });
});
