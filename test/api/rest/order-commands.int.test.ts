import { v7 as uuid7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReturnView } from '../../../src/projections/order-events/return-view.js';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import { collect } from '../../support/event-store.js';
import { type ServedApi, serveApi } from '../served-api.js';

interface Problem {
  readonly code: string;
  readonly errors?: readonly { pointer?: string }[];
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const line = (sku: string, quantity: number) => ({ sku, quantity, unitPrice: 165 });
const request = { customerId: '17850', currency: 'GBP', lines: [line('A', 12), line('B', 2)], payment: { method: 'pm_card_visa' } };
const later = '2030-01-01T00:00:00.000Z';
const place = async () => (await api.ask<OrderView>('POST', '/api/v1/orders', request)).body.id;
const send = <Body = OrderView & Problem>(id: string, what: string, body?: unknown) =>
  api.ask<Body>('POST', `/api/v1/orders/${id}/${what}`, body);
const eventsOf = async (id: string) => (await collect(api.store.readStream(`order-${id}`))).map(({ type }) => type);

async function confirmed() {
  const id = await place();
  await api.confirm(id, 2310);
  return id;
}
async function shipped() {
  const id = await confirmed();
  await send(id, 'ship', { carrier: 'DPD' });
  return id;
}

describe('cancelling an order', () => {
  it('that nobody has been asked anything for is done at once: 200', async () => {
    const id = await place();
    const { status, body, headers } = await send(id, 'cancel', { reason: 'wrong size' });
    expect([status, body.status, body.cancelling]).toEqual([200, 'CANCELLED', false]);
    expect(body.cancellation).toMatchObject({ reason: 'CUSTOMER_REQUEST', shortages: [] });
    expect(headers.get('panglot-position')).toBe(body.position);
  });

  it('that is under way to being paid, or confirmed, is under way: 202', async () => {
    const id = await place();
    await api.tell(id, { type: 'StartOrder', paymentId: uuid7(), timeoutAt: later });
    const pending = await send(id, 'cancel');
    expect([pending.status, pending.body.status, pending.body.cancelling]).toEqual([202, 'PENDING_PAYMENT', true]);
    const paid = await send(await confirmed(), 'cancel');
    expect([paid.status, paid.body.status, paid.body.cancelling]).toEqual([202, 'CONFIRMED', true]);
  });

  it('again with the same facts is answered as done and adds nothing, with others refused', async () => {
    const id = await place();
    await send(id, 'cancel', { reason: 'wrong size' });
    const before = await eventsOf(id);
    expect((await send(id, 'cancel', { reason: 'wrong size' })).status).toBe(200);
    expect((await send(id, 'cancel')).status).toBe(200);
    const other = await send(id, 'cancel', { reason: 'wrong colour' });
    expect([other.status, other.body.code]).toEqual([409, 'order-not-cancellable']);
    expect(await eventsOf(id)).toEqual(before);
  });

  it('that has been shipped is refused, and shipping one that is being cancelled too', async () => {
    const gone = await send(await shipped(), 'cancel');
    expect([gone.status, gone.body.code]).toEqual([409, 'order-not-cancellable']);
    const id = await confirmed();
    await send(id, 'cancel');
    const late = await send(id, 'ship', {});
    expect([late.status, late.body.code]).toEqual([409, 'order-not-shippable']);
  });
});

describe('a return', () => {
  it('of shipped lines is accepted, listed with its refund, and read at its position', async () => {
    const id = await shipped();
    const body = { lines: [{ line: 1, quantity: 2, condition: 'RESALABLE' }], reason: 'too many' };
    const answer = await send<ReturnView>(id, 'returns', body);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/v1/orders/${id}/returns`]);
    expect(answer.body).toMatchObject({ ...body, amount: 330, refund: { status: 'REQUESTED' } });
    const listed = await api.ask<{ data: ReturnView[] }>('GET', `/api/v1/orders/${id}/returns`, undefined, {
      'panglot-min-position': answer.body.position,
    });
    expect(listed.body.data).toEqual([answer.body]);
  });

  it('of more than was shipped, over all returns together, is refused and says where', async () => {
    const id = await shipped();
    const damaged = (lineNumber: number, quantity: number) => ({ line: lineNumber, quantity, condition: 'DAMAGED' });
    await send(id, 'returns', { lines: [damaged(2, 1)] });
    const before = await eventsOf(id);
    const { status, body } = await send(id, 'returns', { lines: [damaged(1, 1), damaged(2, 2)] });
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([409, 'return-exceeds-shipped', '#/lines/1/quantity']);
    const unknown = await send(id, 'returns', { lines: [damaged(3, 1)] });
    expect([unknown.status, unknown.body.code]).toEqual([409, 'return-exceeds-shipped']);
    expect(await eventsOf(id)).toEqual(before);
  });

  it('of what has not been shipped is refused', async () => {
    const { status, body } = await send(await confirmed(), 'returns', {
      lines: [{ line: 1, quantity: 1, condition: 'RESALABLE' }],
    });
    expect([status, body.code]).toEqual([409, 'order-not-returnable']);
  });
});

describe('attention', () => {
  it('is cleared by a person with a note, once', async () => {
    const id = await place();
    await api.tell(id, { type: 'RaiseAttention', code: 'look', detail: 'At this.', subject: null });
    const { status, body } = await send(id, 'attention/clear', { note: 'seen' });
    expect([status, body.attention]).toEqual([200, null]);
    const before = await eventsOf(id);
    expect((await send(id, 'attention/clear', { note: 'seen again' })).status).toBe(200);
    expect(await eventsOf(id)).toEqual(before);
  });
});

describe('commands that make no sense', () => {
  const nowhere = '01985c5e-0000-7000-8000-000000000001';
  it.each([
    ['cancel', {}],
    ['returns', { lines: [{ line: 1, quantity: 1, condition: 'RESALABLE' }] }],
    ['attention/clear', { note: 'n' }],
  ])('%s of an unknown order: 404, and no stream is begun', async (what, body) => {
    const answer = await send(nowhere, what, body);
    expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
    expect(await eventsOf(nowhere)).toEqual([]);
  });

  it.each([
    ['cancel', { reason: '' }, '#/reason'],
    ['cancel', { reason: 'a\u0000b' }, '#/reason'],
    ['cancel', { because: 'x' }, '#/because'],
    ['attention/clear', {}, '#/note'],
    ['returns', { lines: [] }, '#/lines'],
    ['returns', { lines: [{ line: 0, quantity: 1, condition: 'RESALABLE' }] }, '#/lines/0/line'],
    ['returns', { lines: [{ line: 1, quantity: 0, condition: 'RESALABLE' }] }, '#/lines/0/quantity'],
    ['returns', { lines: [{ line: 1, quantity: 1, condition: 'NEW' }] }, '#/lines/0/condition'],
  ])('%s with %j: 422 at %s', async (what, body, pointer) => {
    const answer = await send(nowhere, what, body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});
