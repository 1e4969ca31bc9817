// Lists as their callers see them: filters, sorting, fields, and cursors that stay right while others write.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import { type ServedApi, serveApi } from '../served-api.js';

interface Page {
  readonly data: readonly OrderView[];
  readonly page: { readonly limit: number; readonly next: string | null };
  readonly position: string;
}
interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly parameter?: string; readonly detail: string }[];
}

let api: ServedApi;
let placed: readonly OrderView[];
let last: string;

async function place(over: object = {}): Promise<OrderView> {
  const { body } = await api.ask<OrderView>('POST', '/api/v1/orders', {
    ...{ customerId: 'c-0', currency: 'GBP', lines: [{ sku: 'LAMP', quantity: 1, unitPrice: 100 }] },
    payment: { method: 'pm_card_visa' },
    ...over,
  });
  last = body.position;
  return body;
}
const list = async (query: string) => {
  const at = { 'panglot-min-position': last };
  const answer = await api.ask<Page & Problem>('GET', `/api/v1/orders?${query}`, undefined, at);
  return { ...answer.body, status: answer.status };
};
const found = async (query: string) => (await list(query)).data.map(({ id }) => placed.findIndex((order) => order.id === id));

beforeAll(async () => {
  api = await serveApi();
  const orders: OrderView[] = [];
  for (let n = 0; n < 6; n += 1) {
    const lines = [{ sku: 'LAMP', quantity: n + 1, unitPrice: 100 }];
    const reference = n === 3 ? 'Smith, John' : undefined;
    orders.push(await place({ customerId: `c-${n % 3}`, placedAt: `2020-01-0${6 - n}T00:00:00Z`, lines, reference }));
  }
  placed = orders;
  await api.confirm(orders[1]?.id ?? '', 200);
  await api.confirm(orders[4]?.id ?? '', 500);
  last = (
    await place({
      customerId: 'elsewhere',
      placedAt: '2030-01-01T00:00:00Z',
      lines: [{ sku: 'LAMP', quantity: 99, unitPrice: 100 }],
    })
  ).position;
});
afterAll(() => api.close());

const ours = 'customerId=c-0,c-1,c-2';

describe('a list', () => {
  it.each([
    ['the newest first', '', [5, 4, 3, 2, 1, 0]],
    ['the oldest first', 'sort=createdAt', [0, 1, 2, 3, 4, 5]],
    ['by when they were placed', 'sort=placedAt', [5, 4, 3, 2, 1, 0]],
    ['the dearest first', 'sort=-total', [5, 4, 3, 2, 1, 0]],
    ['of one status', 'status=CONFIRMED', [4, 1]],
    ['of one of several statuses', 'status=CONFIRMED,CREATED&sort=total', [0, 1, 2, 3, 4, 5]],
    ['between bounds', 'total[gte]=200&total[lt]=500&sort=total', [1, 2, 3]],
    ['between bounds of another column than the sorting', 'placedAt[gt]=2020-01-02T00:00:00Z&sort=-total', [3, 2, 1, 0]],
    ['by a time with an offset', 'placedAt[gte]=2020-01-05T01:00:00%2B01:00', [1, 0]],
    ['with filters and bounds together', 'status=CREATED&total[gt]=100&sort=-placedAt', [2, 3, 5]],
  ])('%s: %s', async (_, query, expected) => expect(await found(`${ours}&${query}`)).toEqual(expected));

  it('finds a reference with a comma in it', async () => expect(await found('reference=Smith,%20John')).toEqual([3]));

  it('shows only what is selected, also within lines', async () => {
    const { data } = await list(`${ours}&limit=1&fields=id,status,lines.sku,shipment.carrier`);
    expect(data).toEqual([{ id: placed[5]?.id, status: 'CREATED', lines: [{ sku: 'LAMP' }], shipment: null }]);
    const one = await api.ask('GET', `/api/v1/orders/${placed[0]?.id}?fields=total`);
    expect(one.body).toEqual({ total: 100 });
  });

  it.each([
    ['colour=red', 'colour'],
    ['status=CONFIRMED&status=CREATED', 'status'],
    ['status=', 'status'],
    ['status=CONFIRMED,', 'status'],
    ['sort=updatedAt', 'sort'],
    ['sort=-createdAt,total', 'sort'],
    ['total[gte]=1e3', 'total[gte]'],
    ['total[gte]=99999999999999999', 'total[gte]'],
    ['total[min]=1', 'total[min]'],
    ['total=100', 'total'],
    ['createdAt[gte]=yesterday', 'createdAt[gte]'],
    ['createdAt[gte]=0000-01-01T00:00:00Z', 'createdAt[gte]'],
    ['updatedAt[gte]=2020-01-01T00:00:00Z', 'updatedAt[gte]'],
    ['fields=', 'fields'],
    ['fields=id,colour', 'fields'],
    ['fields=lines.colour', 'fields'],
    ['fields=id.x', 'fields'],
    ['fields=__proto__', 'fields'],
    ['fields=id,,total', 'fields'],
  ])('%s: 400, and which', async (query, parameter) => {
    const { code, errors, status } = await list(query);
    expect([status, code, errors?.[0]?.parameter]).toEqual([400, 'parameter-invalid', parameter]);
  });
});

describe('a cursor', () => {
  it('belongs to its list, filter and sorting', async () => {
    const { page } = await list(`${ours}&limit=2&status=CREATED`);
    const cursor = `cursor=${page.next}`;
    expect((await list(`${ours}&limit=2&status=CREATED&${cursor}`)).data.map(({ id }) => id)).toEqual([
      placed[2]?.id,
      placed[0]?.id,
    ]);
    for (const query of [
      `${ours}&status=CONFIRMED`,
      'status=CREATED',
      `${ours}&status=CREATED&sort=total`,
      `${ours}&status=CREATED&total[gte]=1`,
    ])
      expect([query, (await list(`${query}&${cursor}`)).code]).toEqual([query, 'cursor-invalid']);
    const { body } = await api.ask<Problem>('GET', `/api/v1/payments?${cursor}`);
    expect(body.code).toBe('cursor-invalid');
  });

  it('that was made up is refused, whatever it says', async () => {
    const { page } = await list(`${ours}&limit=2`);
    const [version, seal] = JSON.parse(Buffer.from(page.next ?? '', 'base64url').toString());
    const places: readonly unknown[] = [
      null,
      {},
      { at: '2020-01-01T00:00:00Z' },
      { at: '0000-01-01T00:00:00Z', id: placed[0]?.id },
      { at: "2020' OR 1=1", id: placed[0]?.id },
      { at: '2020-01-01T00:00:00Z', id: 'x' },
    ];
    for (const place of places) {
      const cursor = Buffer.from(JSON.stringify([version, seal, place])).toString('base64url');
      expect((await list(`${ours}&limit=2&cursor=${cursor}`)).code).toBe('cursor-invalid');
    }
  });

  it('neither passes over nor repeats what was there, however much is added between the pages', async () => {
    const before = new Set(placed.map(({ id }) => id));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('-createdAt', 'createdAt', '-placedAt', 'placedAt', '-total', 'total'),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ total: fc.integer({ min: 1, max: 700 }), day: fc.integer({ min: 1, max: 28 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (sort, limit, added) => {
          const seen: string[] = [];
          for (let next: string | null | undefined; next !== null; ) {
            const { data, page } = await list(`${ours}&sort=${sort}&limit=${limit}${next ? `&cursor=${next}` : ''}`);
            seen.push(...data.map(({ id }) => id));
            next = page.next;
            const { total = 1, day = 1 } = added.shift() ?? {};
            const lines = [{ sku: 'LAMP', quantity: 1, unitPrice: total }];
            if (seen.length < 12)
              await place({ customerId: 'c-1', placedAt: `2020-01-${String(day).padStart(2, '0')}T00:00:00Z`, lines });
          }
          const old = seen.filter((id) => before.has(id));
          expect(old.length).toBe(before.size);
          expect(new Set(seen).size).toBe(seen.length);
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('the other lists', () => {
  it('have filters and sorting of their own', async () => {
    for (const sku of ['B1', 'A1', 'C1']) await api.ask('PUT', `/api/v1/products/${sku}`, { description: sku, prices: [] });
    const { position } = (await api.ask<{ position: string }>('PUT', '/api/v1/products/Z1', { description: 'Z', prices: [] })).body;
    const skus = async (query: string) =>
      (
        await api.ask<{ data: { sku: string }[] }>('GET', `/api/v1/products?minPosition=${position}&fields=sku&${query}`)
      ).body.data.map(({ sku }) => sku);
    expect(await skus('sort=-sku')).toEqual(['Z1', 'C1', 'B1', 'A1']);
    expect(await skus('sku=c1,A1,NONE')).toEqual(['A1', 'C1']);
    const payments = await api.ask<Page>('GET', '/api/v1/payments?status=FAILED,VOIDED&sort=createdAt');
    expect([payments.status, payments.body.data]).toEqual([200, []]);
  });
});
