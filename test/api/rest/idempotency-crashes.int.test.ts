// A process dies while it answers a request with an Idempotency-Key, at any of its steps, and the caller sends the request again to
// another process: one order, one receipt, and the answer that the first would have given.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestDependencies } from '../../../src/api/rest/rest-api.js';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { decode } from '../../../src/domain/log/codec.js';
import type { EventStore } from '../../../src/domain/log/event-store.js';
import { order } from '../../../src/domain/order/order.js';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import type { StockView } from '../../../src/projections/stock/stock-view.js';
import { eventually } from '../../support/condition.js';
import { collect, withFaults } from '../../support/event-store.js';
import { type Answer, keysIn, type ServedApi, serveApi } from '../served-api.js';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const request = { customerId: '17850', currency: 'GBP', lines: [{ sku: '22465', quantity: 12, unitPrice: 165 }] };
const orderOf = (over: object = {}) => ({ ...request, payment: { method: 'pm_card_visa' }, ...over });
const receipt = { warehouse: 'main', quantity: 5 };

const steps = [
  'after the row is committed and before the append',
  'after the append and before anybody hears of it',
  'after the append and before the answer is stored',
  'after the answer is stored and before it is sent',
] as const;
type Step = (typeof steps)[number];

const claimMs = 300;
/** What a process that has died answers. */
const never = new Promise<never>(() => {});

/** Keys and a store for a process that does nothing more once it has come to a step: it neither goes on, nor renews, nor releases. */
function mortal(step: Step) {
  const keys = keysIn(api.database, claimMs);
  let dead = false;
  let die = (): Promise<never> => never;
  const died = new Promise<void>((resolve) => {
    die = () => {
      dead = true;
      resolve();
      return never;
    };
  });
  const [claimed, appended, unstored, stored] = steps;
  const idempotencyKeys: RestDependencies['idempotencyKeys'] = {
    ...keys,
    claim: async (asked) => {
      const result = await keys.claim(asked);
      return step === claimed ? die() : result;
    },
    store: async (claim, answer) => {
      if (step === unstored) return die();
      const done = await keys.store(claim, answer);
      return step === stored ? die() : done;
    },
    renew: (claims) => (dead ? never : keys.renew(claims)),
    release: (claim) => (dead ? never : keys.release(claim)),
  };
  const store: EventStore = withFaults(api.store, {
    append: async (...append) => {
      const result = await api.store.append(...append);
      return step === appended ? die() : result;
    },
  });
  return { died, over: { idempotencyKeys, store, handler: createCommandHandler(store, { appVersion: 'test' }) } };
}

const send = <Body>(path: string, body: unknown, key: string, to: Pick<ServedApi, 'ask'> = api) =>
  to.ask<Body>('POST', path, body, { 'idempotency-key': key });

/** Sends a request to a process that dies at a step. */
async function dieAt(step: Step, path: string, body: unknown, key: string): Promise<void> {
  const { died, over } = mortal(step);
  const process = await api.another(over);
  const lost = send(path, body, key, process).catch(() => null);
  await died;
  await process.close();
  expect(await lost).toBeNull();
}

/** Sends a request until no claim of another keeps it from being served. */
const retried = <Body>(path: string, body: unknown, key: string, to: Pick<ServedApi, 'ask'> = api): Promise<Answer<Body>> =>
  eventually(async () => {
    const answer = await send<Body>(path, body, key, to);
    return answer.status !== 409 && answer;
  });

async function ordersOf(customerId: string) {
  const all = (await collect(api.store.readAll())).filter(({ stream }) => stream.startsWith('order-'));
  return all.flatMap((stored) => {
    const { event, metadata } = decode(stored);
    return event.type === 'OrderCreated' && event.data.customerId === customerId
      ? [{ ...event.data, commandId: metadata.commandId }]
      : [];
  });
}
const replayed = ({ headers }: Answer<unknown>) => headers.get('idempotency-replayed');
const replays = (step: Step) => (step === 'after the answer is stored and before it is sent' ? 'true' : null);

describe('a process that dies', () => {
  it.each(steps)('%s leaves one order, and a retry gets the answer that the first would have had', async (step) => {
    const customerId = `order-${steps.indexOf(step)}`;
    await dieAt(step, '/api/v1/orders', orderOf({ customerId }), customerId);
    const retry = await retried<OrderView>('/api/v1/orders', orderOf({ customerId }), customerId);
    expect([retry.status, replayed(retry)]).toEqual([201, replays(step)]);
    expect(retry.headers.get('location')).toBe(`/api/v1/orders/${retry.body.id}`);
    expect((await ordersOf(customerId)).map(({ orderId }) => orderId)).toEqual([retry.body.id]);
    const read = await api.ask('GET', `/api/v1/orders/${retry.body.id}?minPosition=${retry.headers.get('panglot-position')}`);
    expect(read.body).toEqual(retry.body);
    const late = await send<OrderView>('/api/v1/orders', orderOf({ customerId }), customerId);
    expect([late.status, replayed(late), late.body]).toEqual([201, 'true', retry.body]);
  });

  it.each(steps)('%s leaves one receipt', async (step) => {
    const path = `/api/v1/stock/RECEIPT-${steps.indexOf(step)}/receipts`;
    const key = `receipt-${steps.indexOf(step)}`;
    await dieAt(step, path, receipt, key);
    const retry = await retried<StockView>(path, receipt, key);
    expect([retry.status, retry.body.onHand, replayed(retry)]).toEqual([200, 5, replays(step)]);
    const read = await api.ask('GET', `${path.replace('/receipts', '')}?minPosition=${retry.headers.get('panglot-position')}`);
    expect(read.body).toEqual(retry.body);
    expect((await send<StockView>(path, receipt, `${key} again`)).body.onHand).toBe(10);
  });

  it.each(steps)('%s leaves one order with its reference, and the next key is told that it was there', async (step) => {
    const reference = `INV-${steps.indexOf(step)}`;
    const body = orderOf({ reference });
    await dieAt(step, '/api/v1/orders', body, reference);
    const retry = await retried<OrderView>('/api/v1/orders', body, reference);
    const other = await send<OrderView>('/api/v1/orders', body, `${reference} again`);
    expect([retry.status, other.status, other.body.id]).toEqual([201, 200, retry.body.id]);
  });

  it('again and again, one after another at each step, leaves one order', async () => {
    const body = orderOf({ customerId: 'unlucky' });
    const ids: string[] = [];
    for (const step of steps)
      await eventually(async () => {
        const { died, over } = mortal(step);
        const process = await api.another(over);
        const answer = send(`/api/v1/orders`, body, 'unlucky', process).catch(() => null);
        // One that finds the claim of the last still holding does not die, and is not counted.
        const dead = await Promise.race([died.then(() => true), answer.then(() => false)]);
        await process.close();
        return dead;
      });
    for (const _ of ['once', 'again']) ids.push((await retried<OrderView>('/api/v1/orders', body, 'unlucky')).body.id);
    expect((await ordersOf('unlucky')).map(({ orderId }) => orderId)).toEqual([ids[0]]);
    expect(ids[1]).toBe(ids[0]);
  });
});

describe('a retry', () => {
  it('before the claim of a process that died has lapsed is told to come again, and later is served', async () => {
    await dieAt(steps[0], '/api/v1/orders', orderOf({ customerId: 'lapse' }), 'lapse');
    await api.database.query("UPDATE idempotency_keys SET claimed_until = claimed_until + interval '1 minute' WHERE key = 'lapse'");
    const early = await send<{ code: string }>('/api/v1/orders', orderOf({ customerId: 'lapse' }), 'lapse');
    expect([early.status, early.body.code, early.headers.get('retry-after')]).toEqual([409, 'idempotency-key-in-use', '1']);
    await api.database.query("UPDATE idempotency_keys SET claimed_until = claimed_until - interval '1 minute' WHERE key = 'lapse'");
    expect((await retried('/api/v1/orders', orderOf({ customerId: 'lapse' }), 'lapse')).status).toBe(201);
  });

  it('finds the order at the price that it was placed at, and leaves no other in memory', async () => {
    const price = (amount: number) =>
      api.ask('PUT', '/api/v1/products/LAMP', { description: 'Lamp', prices: [{ currency: 'GBP', amount }] });
    const body = orderOf({ customerId: 'dear', lines: [{ sku: 'LAMP', quantity: 2 }] });
    await price(250);
    await dieAt(steps[2], '/api/v1/orders', body, 'dear');
    await price(300);
    const retry = await retried<OrderView>('/api/v1/orders', body, 'dear');
    expect([retry.status, retry.body.total]).toEqual([201, 500]);
    // What the process manager of this process would charge.
    expect((await api.handler.load(order, retry.body.id)).state.total).toBe(500);
    expect((await ordersOf('dear')).map(({ total }) => total)).toEqual([500]);
  });

  it('by a process that knows an older state of the stock receives nothing a second time', async () => {
    const path = '/api/v1/stock/STALE/receipts';
    // This process reads the stock before the one that dies has written to it.
    await api.ask('POST', path, { warehouse: 'main', quantity: 1 });
    await dieAt(steps[2], path, receipt, 'stale');
    const retry = await retried<StockView>(path, receipt, 'stale');
    expect([retry.status, retry.body.onHand]).toEqual([200, 6]);
    const read = await api.ask('GET', `/api/v1/stock/STALE?minPosition=${retry.headers.get('panglot-position')}`);
    expect(read.body).toEqual(retry.body);
    expect((await api.ask<StockView>('POST', path, { warehouse: 'main', quantity: 1 })).body.onHand).toBe(7);
  });

  it('that has taken over is the only one to answer: a process that was only asleep adds nothing and says so', async () => {
    const body = orderOf({ customerId: 'asleep' });
    let wake = () => {};
    const woken = new Promise<void>((resolve) => (wake = resolve));
    let sleeping = () => {};
    const asleep = new Promise<void>((resolve) => (sleeping = resolve));
    const store = withFaults(api.store, {
      append: async (...append) => {
        sleeping();
        await woken;
        return api.store.append(...append);
      },
    });
    const process = await api.another({
      ...{ store, handler: createCommandHandler(store, { appVersion: 'test' }) },
      idempotencyKeys: { ...keysIn(api.database, claimMs), renew: async () => {} },
    });
    const first = send<{ code: string }>('/api/v1/orders', body, 'asleep', process);
    await asleep;
    const retry = await retried<OrderView>('/api/v1/orders', body, 'asleep');
    wake();
    const late = await first;
    expect([retry.status, late.status, late.body.code]).toEqual([201, 409, 'idempotency-key-in-use']);
    expect((await ordersOf('asleep')).map(({ orderId }) => orderId)).toEqual([retry.body.id]);
    const again = await send<OrderView>('/api/v1/orders', body, 'asleep', process);
    expect([again.status, replayed(again), again.body]).toEqual([201, 'true', retry.body]);
    await process.close();
  });

  it('after the log was exchanged is answered from the new log, not with what the old one held', async () => {
    const before = await send<OrderView>('/api/v1/orders', orderOf({ customerId: 'restored' }), 'restored');
    const restored = await api.another({ logId: 'zzzzzz' });
    const after = await send<OrderView>('/api/v1/orders', orderOf({ customerId: 'restored' }), 'restored', restored);
    expect([after.status, replayed(after)]).toEqual([201, null]);
    expect(after.body.id).not.toBe(before.body.id);
    await restored.close();
  });
});
