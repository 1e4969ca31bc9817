// The simulator's own promises, over HTTP and without the client: keys, keys in use, refusals of bad requests, expiry, the audit pages.

import { afterEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/adapters/payments/simulator/api.js';
import { Books } from '../../../src/adapters/payments/simulator/books.js';
import { memoryLedger } from '../../../src/adapters/payments/simulator/ledger.js';
import { createPaymentSimulator, type SimulatorOptions } from '../../../src/adapters/payments/simulator/simulator.js';
import { usualTimes } from '../../../src/adapters/payments/simulator/wire.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const creation = {
  amount: '1980',
  currency: 'gbp',
  payment_method: 'pm_card_visa',
  capture_method: 'manual',
  'metadata[orderId]': 'o-1',
};
const hours = 60 * 60 * 1000;

async function simulated(options: SimulatorOptions = {}) {
  const simulator = await createPaymentSimulator(options);
  closers.push(simulator.close);
  const ask = async (method: string, path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const form = new URLSearchParams(fields).toString();
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(method === 'POST' ? { body: form } : {}),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  const post = (path: string, fields?: Record<string, string>, key?: string) =>
    ask('POST', `/v1${path}`, fields, key === undefined ? {} : { 'idempotency-key': key });
  return { simulator, ask, post };
}

describe('a key', () => {
  it('brings the first answer again, and the answer says so', async () => {
    const { post } = await simulated();
    const first = await post('/payment_intents', creation, 'k');
    const again = await post('/payment_intents', creation, 'k');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
  });

  it('does not mind the order of the parameters, but their values and the operation', async () => {
    const { post } = await simulated();
    const { body: intent } = await post('/payment_intents', creation, 'k');
    const reversed = Object.fromEntries(Object.entries(creation).reverse());
    expect((await post('/payment_intents', reversed, 'k')).body).toEqual(intent);
    await post(`/payment_intents/${intent.id}/confirm`, {}, 'confirm');
    for (const other of [
      await post('/payment_intents', { ...creation, amount: '1981' }, 'k'),
      await post(`/payment_intents/${intent.id}/cancel`, {}, 'confirm'),
    ]) {
      expect(other).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } });
    }
  });

  it('keeps a decline and a refusal, but nothing that was wrong before it was begun', async () => {
    const { post } = await simulated();
    const declining = { ...creation, payment_method: 'pm_card_visa_chargeDeclined' };
    const { body: intent } = await post('/payment_intents', declining);
    for (let time = 0; time < 2; time++) {
      const declined = await post(`/payment_intents/${intent.id}/confirm`, {}, 'confirm');
      expect(declined).toMatchObject({
        status: 402,
        body: {
          error: {
            type: 'card_error',
            code: 'card_declined',
            decline_code: 'generic_decline',
            payment_intent: { id: intent.id, status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } },
          },
        },
      });
      const refused = await post(`/payment_intents/${intent.id}/capture`, {}, 'capture');
      expect(refused).toMatchObject({
        status: 400,
        body: { error: { code: 'payment_intent_unexpected_state', payment_intent: { id: intent.id } } },
      });
      expect(refused.headers.get('idempotent-replayed')).toBe(time === 0 ? null : 'true');
    }
    expect((await post('/payment_intents', { ...creation, amount: '0' }, 'create')).status).toBe(400);
    expect((await post('/payment_intents', creation, 'create')).status).toBe(200);
  });

  it('is forgotten after 24 hours, not before', async () => {
    let now = Date.now();
    const { post } = await simulated({ now: () => now });
    const { body: first } = await post('/payment_intents', creation, 'k');
    now += 24 * hours - 1;
    expect((await post('/payment_intents', creation, 'k')).body.id).toBe(first.id);
    now += 1;
    expect((await post('/payment_intents', creation, 'k')).body.id).not.toBe(first.id);
  });

  it('is in use until its answer is durable, and nothing is shown before', async () => {
    let written = () => {};
    const writing = new Promise<void>((resolve) => {
      written = resolve;
    });
    const ledger = { ...memoryLedger(), append: () => writing, settled: () => writing };
    const stopping = new AbortController().signal;
    const api = createApi({ books: new Books(), ledger, now: Date.now, times: usualTimes, stopping });
    const body = new URLSearchParams(creation).toString();
    const request = { method: 'POST', path: '/v1/payment_intents', query: '', body, idempotencyKey: 'k' };
    const answered: string[] = [];
    const first = api.handle(request).then(() => answered.push('change'));
    await expect(api.handle(request)).rejects.toMatchObject({ status: 409, body: { code: 'idempotency_key_in_use' } });
    expect(answered).toEqual([]);
    written();
    await first;
    expect(await api.handle(request)).toMatchObject({ status: 200, replayed: true });
  });
});

describe('a bad request', () => {
  it.each([
    ['an amount of zero', { amount: '0' }, 'parameter_invalid_integer', 'amount'],
    ['a fractional amount', { amount: '19.80' }, 'parameter_invalid_integer', 'amount'],
    ['an amount beyond eight digits', { amount: '100000000' }, 'amount_too_large', 'amount'],
    ['a bad currency', { currency: 'pounds' }, 'invalid_currency', 'currency'],
    ['an unknown payment method', { payment_method: 'pm_nobody' }, 'resource_missing', 'payment_method'],
    ['an unknown parameter', { colour: 'red' }, 'parameter_unknown', 'colour'],
    ['a prototype key', { __proto__x: '1' }, 'parameter_unknown', '__proto__x'],
  ])('with %s is refused, and the field is named', async (_, fields, code, param) => {
    const { post } = await simulated();
    const refused = await post('/payment_intents', { ...creation, ...fields });
    expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', code, param } } });
  });

  it('keeps odd metadata as it was sent', async () => {
    const { post } = await simulated();
    const { body } = await post('/payment_intents', { ...creation, 'metadata[__proto__]': 'p', 'metadata[naïve 🐇]': 'ß&=' });
    expect(Object.entries(body.metadata)).toEqual([
      ['orderId', 'o-1'],
      ['__proto__', 'p'],
      ['naïve 🐇', 'ß&='],
    ]);
  });

  it('without a key for the API is 401; with one in either form it is served', async () => {
    const { ask } = await simulated();
    const path = '/v1/payment_intents/pi_1';
    expect((await ask('GET', path, {}, { authorization: '' })).status).toBe(401);
    expect((await ask('GET', path, {}, { authorization: 'Bearer pk_live_1' })).status).toBe(401);
    expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('GET', path, {}, { authorization: `Basic ${Buffer.from('sk_test_x:').toString('base64')}` })).status).toBe(
      404,
    );
  });

  it('of 65 KB is refused', async () => {
    const { post } = await simulated();
    expect((await post('/payment_intents', { ...creation, 'metadata[x]': 'y'.repeat(65 * 1024) })).status).toBe(413);
  });

  it('for a page that does not exist is 404', async () => {
    const { ask } = await simulated();
    expect((await ask('GET', '/v1/charges')).status).toBe(404);
    expect((await ask('DELETE', '/v1/payment_intents/pi_1')).status).toBe(404);
    expect((await ask('GET', '/elsewhere')).status).toBe(404);
  });
});

describe('an authorisation', () => {
  it('lapses after seven days: the intent is cancelled, and cannot be captured', async () => {
    let now = Date.now();
    const { ask, post } = await simulated({ now: () => now });
    const { body: intent } = await post('/payment_intents', creation);
    const { body: held } = await post(`/payment_intents/${intent.id}/confirm`, { 'expand[0]': 'latest_charge' });
    const deadline = held.latest_charge.payment_method_details.card.capture_before;
    expect(deadline).toBe(Math.floor((now + 7 * 24 * hours) / 1000));
    now += 7 * 24 * hours;
    expect((await post(`/payment_intents/${intent.id}/capture`)).status).toBe(400);
    const { body: lapsed } = await ask('GET', `/v1/payment_intents/${intent.id}`);
    expect(lapsed).toMatchObject({ status: 'canceled', cancellation_reason: 'expired', amount_received: 0 });
  });
});

describe('the audit', () => {
  it('lists every intent, and sums counts and amounts by currency', async () => {
    const { simulator, ask, post } = await simulated();
    const intents = [];
    for (const currency of ['gbp', 'gbp', 'gbp', 'eur'])
      intents.push((await post('/payment_intents', { ...creation, currency })).body.id);
    for (const id of intents) await post(`/payment_intents/${id}/confirm`);
    await post(`/payment_intents/${intents[0]}/capture`, { amount_to_capture: '1900' });
    await post('/refunds', { payment_intent: intents[0], amount: '400', 'metadata[refundId]': 'r-1' });
    await post(`/payment_intents/${intents[1]}/cancel`);
    const lines = (await (await fetch(`${simulator.url}/ledger`)).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).intentId)).toEqual(intents);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      status: 'succeeded',
      metadata: { orderId: 'o-1' },
      currency: 'GBP',
      amount: 1980,
      captured: 1900,
      refunded: 400,
      refunds: [{ amount: 400, metadata: { refundId: 'r-1' } }],
    });
    expect((await ask('GET', '/ledger/summary')).body).toEqual({
      currencies: {
        GBP: { intents: 3, charges: 3, declined: 0, held: 1980, captured: 1900, refunded: 400, voided: 1980 },
        EUR: { intents: 1, charges: 1, declined: 0, held: 1980, captured: 0, refunded: 0, voided: 0 },
      },
    });
    expect((await ask('GET', '/health')).body).toEqual({ status: 'ok' });
  });
});
