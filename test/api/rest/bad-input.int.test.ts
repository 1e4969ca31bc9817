// Whatever comes in that is not well-formed is answered with a 4xx problem that names the field; nothing is written for it.

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemView } from '../../../src/api/rest/problem.js';
import { collect } from '../../support/event-store.js';
import { type ServedApi, serveApi } from '../served-api.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { pointer?: string; parameter?: string; in?: string }[];
}

let api: ServedApi;
let eventsBefore: number;
const events = async () => (await collect(api.store.readAll())).length;
beforeAll(async () => {
  api = await serveApi({ minPositionWait: 0 });
  eventsBefore = await events();
});
afterAll(() => api.close());

const line = { sku: '22465', quantity: 1, unitPrice: 165 };
const order = { customerId: '17850', currency: 'GBP', lines: [line], payment: { method: 'pm_card_visa' } };
const withLine = (over: object) => ({ ...order, lines: [{ ...line, ...over }] });
const lineWith = (text: string) => JSON.stringify(order).replace('"quantity":1', text);

describe('an order that is not well-formed', () => {
  it.each<[string, unknown, string]>([
    ['without lines', { ...order, lines: [] }, '#/lines'],
    ['with 10,000 lines', { ...order, lines: Array.from({ length: 10_000 }, () => line) }, '#/lines'],
    ['that is not an object', [order], '#'],
    ['without a customer', { ...order, customerId: undefined }, '#/customerId'],
    ['with a customer of a wrong type', { ...order, customerId: 17850 }, '#/customerId'],
    ['with a quantity of zero', withLine({ quantity: 0 }), '#/lines/0/quantity'],
    ['with a negative quantity', withLine({ quantity: -1 }), '#/lines/0/quantity'],
    ['with half a unit', withLine({ quantity: 1.5 }), '#/lines/0/quantity'],
    ['with a quantity in quotes', withLine({ quantity: '1' }), '#/lines/0/quantity'],
    ['with a quantity beyond safe integers', lineWith('"quantity":9007199254740993'), '#/lines/0/quantity'],
    ['with a quantity beyond all numbers', lineWith('"quantity":1e999'), '#/lines/0/quantity'],
    ['with a negative price', withLine({ unitPrice: -1 }), '#/lines/0/unitPrice'],
    ['with a price beyond safe integers', withLine({ unitPrice: 2 ** 53 }), '#/lines/0/unitPrice'],
    ['with a SKU of other letters', withLine({ sku: 'Äpfel' }), '#/lines/0/sku'],
    ['with a SKU of nothing', withLine({ sku: '   ' }), '#/lines/0/sku'],
    ['with NUL in a text', withLine({ description: 'a\u0000b' }), '#/lines/0/description'],
    ['with half a surrogate pair', withLine({ description: 'a\ud800b' }), '#/lines/0/description'],
    ['with a line break in its reference', { ...order, reference: 'INV\n1' }, '#/reference'],
    ['with a reference that is too long', { ...order, reference: 'x'.repeat(129) }, '#/reference'],
    ['with a currency of small letters', { ...order, currency: 'gbp' }, '#/currency'],
    ['with a time that is none', { ...order, placedAt: '2011-02-30T00:00:00Z' }, '#/placedAt'],
    ['with a time before all computers', { ...order, placedAt: '0001-01-01T00:00:00Z' }, '#/placedAt'],
    ['with a payment of nothing', { ...order, payment: {} }, '#/payment/method'],
    ['with a member that nobody knows', { ...order, colour: 'red' }, '#/colour'],
    ['with a member in a line that nobody knows', withLine({ 'a/b~c': 1 }), '#/lines/0/a~1b~0c'],
    ['with __proto__', lineWith('"quantity":1,"__proto__":{"quantity":1}'), '#/lines/0/__proto__'],
    ['with constructor', `{"constructor":{"prototype":{}},${JSON.stringify(order).slice(1)}`, '#/constructor'],
    ['with prototype', { ...order, prototype: {} }, '#/prototype'],
  ])('%s: 422, and where', async (_, body, pointer) => {
    const answer = await api.ask<Problem>('POST', '/api/v1/orders', body);
    expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problemView.parse(answer.body)).toEqual(answer.body);
  });

  it.each([
    ['a comma too many', '{"customerId":"1",}'],
    ['an end too early', '{"customerId":"1"'],
    ['no JSON at all', 'customerId=1'],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
  ])('%s: 400 malformed-request', async (_, body) => {
    const answer = await api.ask<Problem & { detail: string }>('POST', '/api/v1/orders', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed-request']);
  });

  it('says where the JSON breaks', async () => {
    const { body } = await api.ask<{ detail: string }>('POST', '/api/v1/orders', '{\n  "customerId": "1",\n  "lines": [}\n}');
    expect(body.detail).toBe('The body is not JSON: see line 3, column 13.');
  });

  it('without a body at all: 400', async () => {
    const { status, body } = await api.ask<Problem>('POST', '/api/v1/orders');
    expect([status, body.code]).toEqual([400, 'malformed-request']);
  });
});

describe('parameters that are not well-formed', () => {
  const id = '01985c5e-0000-7000-8000-0000000000ff';
  it.each([
    ['GET', '/api/v1/orders/17850', 'id'],
    ['GET', `/api/v1/orders/${id.toUpperCase()}`, 'id'],
    ['POST', '/api/v1/orders/17850/ship', 'id'],
    ['GET', '/api/v1/payments/x', 'id'],
    ['GET', '/api/v1/stock/%00', 'sku'],
    ['GET', '/api/v1/warehouses/UPPER', 'id'],
    ['GET', '/api/v1/orders?limit=0', 'limit'],
    ['GET', '/api/v1/orders?limit=101', 'limit'],
    ['GET', '/api/v1/orders?limit=1e1', 'limit'],
    ['GET', '/api/v1/orders?limit=1&limit=2', 'limit'],
    ['GET', '/api/v1/orders?status=PAID', 'status'],
    ['GET', '/api/v1/orders?reference=%00', 'reference'],
    ['GET', '/api/v1/orders?colour=red', 'colour'],
    ['GET', '/api/v1/orders?__proto__=1', '__proto__'],
    ['GET', `/api/v1/orders/${id}?limit=1`, 'limit'],
    ['POST', '/api/v1/orders?dryRun=true', 'dryRun'],
  ])('%s %s: 400, and which', async (method, path, parameter) => {
    const { status, body } = await api.ask<Problem>(method, path, method === 'POST' ? order : undefined);
    expect([status, body.code]).toEqual([400, 'parameter-invalid']);
    expect(body.errors?.[0]).toMatchObject({ parameter });
  });

  it.each([
    ['prefer', 'wait=31', 'Prefer'],
    ['prefer', 'wait=soon', 'Prefer'],
    ['idempotency-key', '', 'Idempotency-Key'],
    ['idempotency-key', '""', 'Idempotency-Key'],
    ['idempotency-key', 'x'.repeat(256), 'Idempotency-Key'],
    ['idempotency-key', 'one\ttwo', 'Idempotency-Key'],
    ['idempotency-key', 'schl\u00fcssel', 'Idempotency-Key'],
    ['idempotency-key', 'one, two', 'Idempotency-Key'],
    ['if-match', '"0"', 'If-Match'],
  ])('the header %s: %s is refused by name', async (name, value, parameter) => {
    const { status, body } = await api.ask<Problem>('POST', '/api/v1/orders', order, { [name]: value });
    expect([status, body.code, body.errors?.[0]]).toEqual([
      400,
      'parameter-invalid',
      { in: 'header', parameter, code: 'parameter_invalid', detail: expect.any(String) },
    ]);
  });

  it('an Idempotency-Key with a PUT is refused by name, for a PUT can be sent again as it is', async () => {
    const product = { description: 'Lamp', prices: [] };
    const { status, body } = await api.ask<Problem>('PUT', '/api/v1/products/LAMP', product, { 'idempotency-key': 'k1' });
    expect([status, body.code, body.errors?.[0]]).toMatchObject([400, 'parameter-invalid', { parameter: 'Idempotency-Key' }]);
  });

  it.each([
    'x',
    '',
    Buffer.from('[1,"stock","A"]').toString('base64url'),
    Buffer.from('[1,"orders{}",{"id":"x"}]').toString('base64url'),
  ])('the cursor %j is not of this list', async (cursor) => {
    const { status, body } = await api.ask<Problem>('GET', `/api/v1/orders?cursor=${cursor}`);
    expect([status, body.code]).toEqual([400, 'cursor-invalid']);
  });

  it('an address that cannot be decoded: 400', async () => {
    expect((await api.ask('GET', '/api/v1/stock/%E0%A4%A')).status).toBe(400);
  });
});

it('nothing was written for any of them', async () => expect(await events()).toBe(eventsBefore));

describe('requests that cannot be served', () => {
  it('405 says what is allowed', async () => {
    const answer = await api.ask<Problem>('DELETE', '/api/v1/orders');
    expect([answer.status, answer.body.code, answer.headers.get('allow')]).toEqual([
      405,
      'method-not-allowed',
      'POST, GET, HEAD, OPTIONS',
    ]);
  });
  it('OPTIONS says the same', async () => {
    const answer = await api.ask('OPTIONS', '/api/v1/orders');
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS']);
  });
  it('404 where there is nothing', async () => {
    const { status, body } = await api.ask<Problem>('GET', '/api/v1/nothing');
    expect([status, body.code]).toEqual([404, 'not-found']);
  });
  it('406 for who takes no JSON', async () => {
    const { status, body } = await api.ask<Problem>('GET', '/api/v1/orders', undefined, { accept: 'text/csv' });
    expect([status, body.code]).toEqual([406, 'not-acceptable']);
  });
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16'])(
    '415 for a body of %s',
    async (type) => {
      const { status, body, headers } = await api.ask<Problem>('POST', '/api/v1/orders', JSON.stringify(order), {
        'content-type': type,
      });
      expect([status, body.code, headers.get('accept')]).toEqual([415, 'media-type-unsupported', 'application/json']);
    },
  );
  it('415 for a compressed body', async () => {
    const { status } = await api.ask<Problem>('POST', '/api/v1/orders', order, { 'content-encoding': 'gzip' });
    expect(status).toBe(415);
  });
  it('413 for a body over the limit', async () => {
    const { status, body } = await api.ask<Problem>('POST', '/api/v1/orders', { ...order, reference: 'x'.repeat(1024 * 1024) });
    expect([status, body.code]).toEqual([413, 'body-too-large']);
  });

  it('413 for a body over the limit whose length is not told', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(api.port, '127.0.0.1').setEncoding('utf8').on('error', reject);
      let text = '';
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('body-too-large')) socket.destroy();
      });
      socket.on('close', () => resolve(text));
      socket.write(
        'POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      for (let sent = 0; sent < 17; sent++) socket.write(`10000\r\n${' '.repeat(65_536)}\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('403 for a Host or an Origin that is not ours', async () => {
    const raw = (headers: string) =>
      new Promise<string>((resolve, reject) => {
        let text = '';
        connect(api.port, '127.0.0.1')
          .setEncoding('utf8')
          .on('error', reject)
          .on('data', (chunk: string) => (text += chunk))
          .on('close', () => resolve(text))
          .write(`GET /api/v1/orders HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
      });
    expect(await raw('Host: evil.example:8080')).toMatch(/^HTTP\/1\.1 403 .*forbidden/s);
    expect(await raw('Host: localhost\r\nOrigin: https://evil.example')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw('Host: localhost:8080\r\nOrigin: http://127.0.0.1:3000')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('whatever is sent', () => {
  const oddities: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    1e300,
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x'.repeat(2000),
    [],
    [[]],
    {},
  ];
  const oddity = fc.oneof(fc.constantFrom(...oddities), fc.jsonValue({ maxDepth: 2 }));

  /** Puts something else in one place of the order, or adds a member there. */
  function mutated(at: readonly (string | number)[], replacement: unknown): unknown {
    const copy: unknown = structuredClone(order);
    let place = copy;
    for (const step of at.slice(0, -1)) place = Reflect.get(Object(place), step);
    if (typeof place === 'object' && place !== null)
      Object.defineProperty(place, at.at(-1) ?? '', { value: replacement, enumerable: true, configurable: true, writable: true });
    return at.length === 0 ? replacement : copy;
  }
  const places = [
    [],
    ...Object.keys(order).map((name) => [name]),
    ['lines', 0],
    ['lines', 0, 'sku'],
    ['lines', 0, 'quantity'],
    ['lines', 0, 'unitPrice'],
    ['lines', 0, 'description'],
    ['payment', 'method'],
    ['placedAt'],
    ['reference'],
    ['__proto__'],
    ['lines', 0, '__proto__'],
  ];

  it('an order with anything in any place is answered below 500, with a problem or an order', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), oddity, async (place, replacement) => {
        const { status, body } = await api.ask<Problem>(
          'POST',
          '/api/v1/orders',
          JSON.stringify(mutated(place, replacement)) ?? '',
        );
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(problemView.parse(body)).toMatchObject({ status });
      }),
      { numRuns: 300 },
    ));

  it('a text with any piece cut out or put in is answered below 500', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(200), fc.nat(5), fc.string({ unit: 'binary', maxLength: 5 }), async (at, cut, put) => {
        const text = JSON.stringify(order);
        const { status } = await api.ask('POST', '/api/v1/orders', text.slice(0, at) + put + text.slice(at + cut));
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    ));

  it('any address and any query is answered below 500', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('orders', 'stock', 'payments', 'products', 'warehouses'),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('cursor', 'limit', 'status', 'reference', 'customerId', 'minPosition', 'x'),
        fc.string({ unit: 'binary', maxLength: 40 }),
        async (list, id, name, value) => {
          const query = new URLSearchParams({ [name]: value });
          const segment = encodeURIComponent(id);
          for (const path of [`/api/v1/${list}?${query}`, `/api/v1/${list}/${segment}`]) {
            const { status } = await api.ask('GET', path);
            expect(status === 503 || status < 500).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    ));

  it('left no error in the log', () => expect(api.errors).toEqual([]));
});
