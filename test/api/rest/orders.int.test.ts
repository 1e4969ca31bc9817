import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import { eventually } from '../../support/condition.js';
import { collect } from '../../support/event-store.js';
import { type ServedApi, serveApi } from '../served-api.js';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { pointer?: string; parameter?: string }[];
}
interface Page<T> {
  readonly data: readonly T[];
  readonly page: { readonly limit: number; readonly next: string | null };
  readonly position: string;
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const line = { sku: '22465', quantity: 12, unitPrice: 165 };
const request = { customerId: '17850', currency: 'GBP', lines: [line], payment: { method: 'pm_card_visa' } };
const place = (over: object = {}, headers: Record<string, string> = {}) =>
  api.ask<OrderView>('POST', '/api/v1/orders', { ...request, ...over }, headers);
const placed = async (over: object = {}) => (await place(over)).body;
const at = (position: string | null) => ({ 'panglot-min-position': position ?? '' });

describe('placing an order', () => {
  it('answers 201 with the order, where it is, and the position that shows it', async () => {
    const { status, headers, body } = await place({ reference: 'INV-0' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/orders/${body.id}`);
    expect(headers.get('etag')).toBe('"0"');
    expect(headers.get('panglot-position')).toBe(body.position);
    expect(headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).toMatchObject({ status: 'CREATED', reference: 'INV-0', total: 1980, revision: 0, paymentId: null });
  });

  it('answers the same order that a read at its position shows', async () => {
    const { body, headers } = await place({ lines: [line, { ...line, sku: ' 90184c ' }] });
    const read = await api.ask<OrderView>('GET', `/api/v1/orders/${body.id}`, undefined, at(headers.get('panglot-position')));
    expect(read.body).toEqual(body);
    expect(body.lines[1]?.sku).toBe('90184C');
  });

  it('takes description and price from the product', async () => {
    const product = { description: 'Paper lantern', prices: [{ currency: 'GBP', amount: 250 }] };
    await api.ask('PUT', '/api/v1/products/LAMP', product);
    const { body } = await place({ lines: [{ sku: 'lamp', quantity: 2 }] });
    expect(body.lines[0]).toMatchObject({ sku: 'LAMP', description: 'Paper lantern', unitPrice: 250, amount: 500 });
  });

  it('answers a repeated reference with the first order, and another request under it with 409', async () => {
    const first = await place({ reference: 'INV-1' });
    const again = await place({ reference: 'INV-1' });
    expect([again.status, again.body.id, again.body.revision]).toEqual([200, first.body.id, 0]);
    const other = await api.ask<Problem>('POST', '/api/v1/orders', { ...request, reference: 'INV-1', customerId: '1' });
    expect([other.status, other.body.code, other.body.errors?.[0]?.pointer]).toEqual([409, 'reference-taken', '#/reference']);
  });

  it.each([
    ['currency-unknown', '#/currency', { currency: 'XQQ' }],
    ['price-unknown', '#/lines/1/unitPrice', { lines: [line, { sku: 'NOPRICE', quantity: 1 }] }],
    ['order-total-zero', '#/lines', { lines: [{ ...line, unitPrice: 0 }] }],
    ['order-too-large', '#/lines', { lines: [{ ...line, unitPrice: Number.MAX_SAFE_INTEGER }] }],
  ])('refuses with 422 %s at %s', async (code, pointer, over) => {
    const { status, body } = await api.ask<Problem>('POST', '/api/v1/orders', { ...request, ...over });
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, code, pointer]);
  });

  it('with Prefer: wait answers when the order is settled in the read model', async () => {
    const answer = place({ reference: 'INV-2' }, { prefer: 'wait=20' });
    const id = await eventually(async () => {
      const { body } = await api.ask<Page<OrderView>>('GET', '/api/v1/orders?reference=INV-2');
      return body.data[0]?.id;
    });
    await api.confirm(id, 1980);
    const { status, headers, body } = await answer;
    expect([status, body.status, body.revision]).toEqual([201, 'CONFIRMED', 5]);
    expect(headers.get('preference-applied')).toBe('wait=20');
    expect(headers.get('panglot-position')).toBe(body.position);
  });

  it('with Prefer: wait answers with what is when the time is over', async () => {
    const { status, body } = await place({}, { prefer: 'wait=1' });
    expect([status, body.status]).toEqual([201, 'CREATED']);
  });
});

describe('shipping and delivering', () => {
  it('answers with the order as it is then; the same facts again add nothing, others are refused', async () => {
    const { id, total } = await placed();
    await api.confirm(id, total);
    const facts = { carrier: 'DPD', trackingNumber: '155' };
    const shipped = await api.ask<OrderView>('POST', `/api/v1/orders/${id}/ship`, facts);
    expect(shipped.body).toMatchObject({ status: 'SHIPPED', revision: 6, shipment: { ...facts, deliveredAt: null } });
    const again = await api.ask<OrderView>('POST', `/api/v1/orders/${id}/ship`, facts);
    expect(again.body).toEqual(shipped.body);
    const other = await api.ask<Problem>('POST', `/api/v1/orders/${id}/ship`, { ...facts, carrier: 'UPS' });
    expect([other.status, other.body.code]).toEqual([409, 'order-not-shippable']);
    const delivered = await api.ask<OrderView>('POST', `/api/v1/orders/${id}/deliver`);
    expect([delivered.status, delivered.body.status]).toEqual([200, 'DELIVERED']);
    const read = await api.ask<OrderView>('GET', `/api/v1/orders/${id}`, undefined, at(delivered.body.position));
    expect(read.body).toEqual(delivered.body);
  });

  it('is refused with 409 before the order is CONFIRMED, and with 404 where there is none', async () => {
    const { id } = await placed();
    const none = '01985c5e-0000-7000-8000-0000000000ff';
    const answers = await Promise.all([
      api.ask<Problem>('POST', `/api/v1/orders/${id}/ship`, {}),
      api.ask<Problem>('POST', `/api/v1/orders/${id}/deliver`),
      api.ask<Problem>('POST', `/api/v1/orders/${none}/ship`),
      api.ask<Problem>('POST', `/api/v1/orders/${none}/deliver`),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'order-not-shippable'],
      [409, 'order-not-deliverable'],
      [404, 'not-found'],
      [404, 'not-found'],
    ]);
  });
});

describe('reading orders', () => {
  it('answers 304 to who has it already', async () => {
    const { id, position } = await placed();
    const path = `/api/v1/orders/${id}?minPosition=${position}`;
    const { headers } = await api.ask('GET', path);
    const etag = headers.get('etag') ?? '';
    expect(etag).toBe('"0"');
    const same = await api.ask('GET', path, undefined, { 'if-none-match': `"9", W/${etag}` });
    expect([same.status, same.body, same.headers.get('etag')]).toEqual([304, null, etag]);
    expect((await api.ask('GET', path, undefined, { 'if-none-match': '"9"' })).status).toBe(200);
  });

  it('goes through a list page by page, newest first, with a cursor that is bound to the filter', async () => {
    const customerId = 'pages';
    const ids: string[] = [];
    let last = '';
    for (let n = 0; n < 5; n++) {
      const { id, position } = await placed({ customerId });
      ids.unshift(id);
      last = position;
    }
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const { body }: { body: Page<OrderView> } = await api.ask(
        'GET',
        `/api/v1/orders?customerId=pages&limit=2${cursor}`,
        undefined,
        at(last),
      );
      seen.push(...body.data.map(({ id }) => id));
      next = body.page.next;
      if (next !== null) {
        const elsewhere = await api.ask<Problem>('GET', `/api/v1/orders?limit=2&cursor=${next}`);
        expect([elsewhere.status, elsewhere.body.code]).toEqual([400, 'cursor-invalid']);
      }
    }
    expect(seen).toEqual(ids);
  });

  it('lists by status', async () => {
    const customerId = 'by-status';
    const { id, total } = await placed({ customerId });
    await placed({ customerId });
    await api.confirm(id, total);
    const shipped = await api.ask<OrderView>('POST', `/api/v1/orders/${id}/ship`, {});
    const find = async (status: string) => {
      const path = `/api/v1/orders?customerId=${customerId}&status=${status}`;
      return (await api.ask<Page<OrderView>>('GET', path, undefined, at(shipped.body.position))).body.data.map(
        (found) => found.status,
      );
    };
    expect(await find('SHIPPED')).toEqual(['SHIPPED']);
    expect(await find('CREATED,SHIPPED')).toEqual(['CREATED', 'SHIPPED']);
  });

  it('shows everything that happened for an order', async () => {
    const { id, total } = await placed();
    await api.confirm(id, total);
    const { headers } = await api.ask('POST', `/api/v1/orders/${id}/ship`, {});
    const path = `/api/v1/orders/${id}/events?limit=4`;
    const first = await api.ask<Page<{ type: string }>>('GET', path, undefined, at(headers.get('panglot-position')));
    const second = await api.ask<Page<{ type: string }>>('GET', `${path}&cursor=${first.body.page.next}`);
    expect([...first.body.data, ...second.body.data].map(({ type }) => type)).toEqual([
      'OrderCreated',
      'OrderPaymentRequested',
      'OrderPaymentAuthorized',
      'OrderInventoryReserved',
      'OrderPaymentCaptured',
      'OrderConfirmed',
      'OrderShipped',
    ]);
    expect(second.body.page.next).toBeNull();
  });
});

describe('positions', () => {
  it('a read waits for the position it asks for', async () => {
    const { id, position } = await placed();
    const { status, headers } = await api.ask('GET', `/api/v1/orders/${id}`, undefined, at(position));
    expect(status).toBe(200);
    const [, reached = ''] = (headers.get('panglot-position') ?? '').split(':');
    expect(BigInt(reached)).toBeGreaterThanOrEqual(BigInt(position.split(':')[1] ?? ''));
  });

  it.each([
    ['not a position', 'nonsense'],
    ['of another log', 'otherlog:1'],
    ['beyond what can be', `otherlog:99999999999999999999`],
  ])('refuses what is %s', async (_, token) => {
    for (const answer of [
      await api.ask<Problem>('GET', '/api/v1/orders', undefined, at(token)),
      await api.ask<Problem>('GET', `/api/v1/orders?minPosition=${token}`),
    ])
      expect([answer.status, answer.body.code, answer.body.errors?.length]).toEqual([400, 'position-invalid', 1]);
  });

  it('refuses a position from the future', async () => {
    const { status, body } = await api.ask<Problem>('GET', `/api/v1/stock?minPosition=${api.logId}:9000000000000000`);
    expect([status, body.code, body.errors?.[0]?.parameter]).toEqual([400, 'position-invalid', 'minPosition']);
  });

  it('404 is true: an order that was just placed is found by its id without a position', async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => placed()));
    const reads = await Promise.all(orders.map(({ id }) => api.ask('GET', `/api/v1/orders/${id}`)));
    expect(reads.map(({ status }) => status)).toEqual(orders.map(() => 200));
    const none = await api.ask<Problem>('GET', '/api/v1/orders/01985c5e-0000-7000-8000-0000000000ff');
    expect([none.status, none.body.code]).toEqual([404, 'not-found']);
  });
});

describe('when the read models stand still', () => {
  let still: ServedApi;
  beforeAll(async () => {
    still = await serveApi({ minPositionWait: 50 });
    await still.stopProjector();
  });
  afterAll(() => still.close());

  it('a read says plainly that it is behind, how far it is, and when to come again', async () => {
    const { body, headers } = await still.ask<OrderView>('POST', '/api/v1/orders', request);
    for (const answer of [
      await still.ask<Problem & { position: string }>('GET', '/api/v1/orders', undefined, at(headers.get('panglot-position'))),
      await still.ask<Problem & { position: string }>('GET', `/api/v1/orders/${body.id}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'read-model-behind']);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.body.position).toBe(answer.headers.get('panglot-position'));
    }
  });

  it('a command is answered all the same, and one that waits with what is when the server closes', async () => {
    const created = async () => (await collect(still.store.readAll())).filter(({ type }) => type === 'OrderCreated').length;
    const before = await created();
    const waiting = still.ask<OrderView>('POST', '/api/v1/orders', request, { prefer: 'wait=30' });
    await eventually(async () => (await created()) > before);
    await still.close();
    const { status, body } = await waiting;
    expect([status, body.status]).toEqual([201, 'CREATED']);
  });
});
