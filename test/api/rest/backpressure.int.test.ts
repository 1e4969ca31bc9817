import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import { Unavailable } from '../../../src/domain/log/errors.js';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import { eventually } from '../../support/condition.js';
import { collect, withFaults } from '../../support/event-store.js';
import { type ServedApi, type ServedProcess, serveApi } from '../served-api.js';

interface Problem {
  readonly code: string;
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const request = (customerId: string) => ({
  customerId,
  currency: 'GBP',
  lines: [{ sku: 'A', quantity: 1, unitPrice: 100 }],
  payment: { method: 'pm_card_visa' },
});
const place = (process: ServedProcess, customerId: string) =>
  process.ask<OrderView & Problem>('POST', '/api/v1/orders', request(customerId));
const inLog = async (id: string) => (await collect(api.store.readStream(`order-${id}`))).length > 0;

/** An event store whose appends wait until they are let go. */
function held() {
  let letGo = () => {};
  let waiting = 0;
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const store = withFaults(api.store, {
    append: async (...call) => {
      waiting += 1;
      await open;
      return api.store.append(...call);
    },
  });
  return { store, waiting: () => waiting, letGo: () => letGo() };
}

describe('past what is worked on at a time', () => {
  it('a command is told to come again, and everything that was accepted is in the log', async () => {
    const { store, waiting, letGo } = held();
    const process = await api.another({ handler: createCommandHandler(store), commandLimit: 8 });
    const accepted = Array.from({ length: 8 }, (_, n) => place(process, `in-${n}`));
    await eventually(() => waiting() === 8);
    const turnedAway = await Promise.all(Array.from({ length: 30 }, (_, n) => place(process, `out-${n}`)));
    for (const { status, body, headers } of turnedAway)
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'overloaded', '1']);
    expect(waiting()).toBe(8);
    letGo();
    for (const { status, body } of await Promise.all(accepted)) {
      expect(status).toBe(201);
      expect(await inLog(body.id)).toBe(true);
    }
    expect((await place(process, 'afterwards')).status).toBe(201);
    await process.close();
  });

  it('before one stream, a command is told to come again, and those before it are carried out', async () => {
    const { store, waiting, letGo } = held();
    const process = await api.another({ handler: createCommandHandler(store, { queue: 4, batchCommands: 1 }) });
    const receive = () =>
      process.ask<{ onHand: number } & Problem>('POST', '/api/v1/stock/HOT/receipts', { warehouse: 'main', quantity: 1 });
    const first = receive();
    await eventually(() => waiting() === 1);
    let turnedAway = 0;
    const others = Array.from({ length: 12 }, async () => {
      const answer = await receive();
      if (answer.status === 503) turnedAway += 1;
      return answer;
    });
    await eventually(() => turnedAway === 8);
    letGo();
    const all = [await first, ...(await Promise.all(others))];
    const refused = all.filter(({ status }) => status === 503);
    const received = all.filter(({ status }) => status === 200);
    expect([refused.length, received.length]).toEqual([8, 5]);
    for (const { body, headers } of refused)
      expect([body.code, headers.get('retry-after')]).toEqual(['dependency-unavailable', '1']);
    const { body } = await api.ask<{ onHand: number }>('GET', '/api/v1/stock/HOT', undefined, {
      'panglot-min-position': received.at(-1)?.headers.get('panglot-position') ?? '',
    });
    expect(body.onHand).toBe(5);
    await process.close();
  });
});

describe('while the event store is away', () => {
  it('nothing is accepted that is not durable: 503 with Retry-After', async () => {
    const away = withFaults(api.store, {
      append: async () => {
        throw new Unavailable('Nobody there.');
      },
    });
    const process = await api.another({ handler: createCommandHandler(away, { patience: 50 }) });
    const { status, body, headers } = await place(process, 'nowhere');
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'dependency-unavailable', '1']);
    const { body: listed } = await api.ask<{ data: OrderView[] }>('GET', '/api/v1/orders?customerId=nowhere');
    expect(listed.data).toEqual([]);
    await process.close();
  });
});
