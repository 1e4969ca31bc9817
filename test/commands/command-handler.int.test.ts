import { v4 as uuid4 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/commands/command.js';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import { OutcomeUnknown, Unavailable } from '../../src/domain/log/errors.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import { type StockCommand, stock } from '../../src/domain/stock/stock.js';
import { warehouse } from '../../src/domain/warehouse/warehouse.js';
import { collect, freshEventStore, type TestEventStore, withFaults } from '../support/event-store.js';

let store: TestEventStore;
beforeAll(async () => {
  store = await freshEventStore();
});
afterAll(() => store.close());

const context = (): CommandContext => {
  const commandId = uuid4();
  return { commandId, correlationId: commandId, actor: 'test', at: '2026-01-01T00:00:00.000Z' };
};
const freshSku = () => `SKU-${uuid4().slice(0, 8).toUpperCase()}`;
const receive = (quantity: number): StockCommand => ({
  type: 'ReceiveStock',
  commandId: uuid4(),
  warehouse: 'main',
  quantity,
  unitCost: null,
  currency: null,
});
const reserve = (quantity: number): StockCommand => ({
  type: 'ReserveStock',
  orderId: uuid4(),
  requestedAt: '1',
  quantity,
  priority: ['main'],
});
const typesIn = async (sku: string) => (await collect(store.readStream(`stock-${sku}`))).map(({ type }) => type);

/** The store, counting its calls. */
function counted(inner: EventStore) {
  const calls = { append: 0, readStream: 0 };
  const observed = withFaults(inner, {
    append: (...call) => {
      calls.append += 1;
      return inner.append(...call);
    },
    readStream: (...call) => {
      calls.readStream += 1;
      return inner.readStream(...call);
    },
  });
  return { calls, observed };
}

describe('the hot-stream gate', () => {
  it('two hundred clients after the last hundred units sell a hundred, in few writes', async () => {
    const { calls, observed } = counted(store);
    const handler = createCommandHandler(observed);
    const sku = freshSku();
    await handler.handle(stock, sku, receive(100), context());
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => handler.handle(stock, sku, reserve(1), context())));
    expect(outcomes.filter(({ outcome }) => outcome === 'decided').length).toBe(100);
    expect(outcomes.filter(({ outcome }) => outcome === 'refused').length).toBe(100);
    expect((await typesIn(sku)).length).toBe(101);
    expect(calls.append).toBeLessThanOrEqual(5);
  });

  it('gives each waiter its own outcome: its events, its revision, its refusal', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    const [first, second, third] = await Promise.all([
      handler.handle(stock, sku, receive(5), context()),
      handler.handle(stock, sku, reserve(4), context()),
      handler.handle(stock, sku, reserve(2), context()),
    ]);
    expect(first).toMatchObject({ outcome: 'decided', revision: 0, events: [{ type: 'StockReceived' }] });
    expect(second).toMatchObject({ outcome: 'decided', revision: 1, events: [{ type: 'StockReserved' }] });
    expect(third).toMatchObject({ outcome: 'refused', refusal: { code: 'stock-insufficient', requested: 2, available: 1 } });
  });

  it('a command that cannot be encoded is its own caller’s failure, not its neighbours’', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    const broken = { ...receive(1), commandId: 'no id' } as StockCommand;
    const outcomes = await Promise.allSettled([
      handler.handle(stock, sku, receive(1), context()),
      handler.handle(stock, sku, receive(1), context()),
      handler.handle(stock, sku, broken, context()),
      handler.handle(stock, sku, receive(1), context()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((await typesIn(sku)).length).toBe(3);
  });

  it('lets no more than its bound wait, and says so', async () => {
    const handler = createCommandHandler(store, { queue: 10 });
    const sku = freshSku();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => handler.handle(stock, sku, receive(1), context())));
    const turnedAway = outcomes.filter(({ outcome }) => outcome === 'unavailable');
    expect(turnedAway.length).toBeGreaterThan(0);
    expect((await typesIn(sku)).length).toBe(20 - turnedAway.length);
  });
});

describe('an expected revision', () => {
  it('is held against the state that a command is decided on: of two in one batch that expect the same, one is done', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    await handler.handle(stock, sku, receive(1), context());
    // The first is on its way alone; what comes meanwhile is decided in one batch.
    const [, ...both] = await Promise.all([
      handler.handle(stock, sku, receive(1), context()),
      handler.handleAt([1], stock, sku, receive(1), context()),
      handler.handleAt([1], stock, sku, receive(1), context()),
    ]);
    expect(both).toMatchObject([
      { outcome: 'decided', revision: 2 },
      { outcome: 'mismatch', revision: 2 },
    ]);
    expect((await typesIn(sku)).length).toBe(3);
  });
});

describe('a conflict is decided anew, never read as a refusal', () => {
  it('two processes write the same stream: every command is decided once', async () => {
    const sku = freshSku();
    const handlers = [createCommandHandler(store, { conflicts: 1000 }), createCommandHandler(store, { conflicts: 1000 })];
    const outcomes = await Promise.all(
      handlers.flatMap((handler) => Array.from({ length: 30 }, () => handler.handle(stock, sku, receive(1), context()))),
    );
    expect(outcomes.every(({ outcome }) => outcome === 'decided')).toBe(true);
    expect((await typesIn(sku)).length).toBe(60);
  });

  it('exhausted conflicts are unavailable', async () => {
    const sku = freshSku();
    const other = createCommandHandler(store);
    const contested = withFaults(store, {
      append: async (...call) => {
        await other.handle(stock, sku, receive(1), context());
        return store.append(...call);
      },
    });
    const outcome = await createCommandHandler(contested, { conflicts: 3 }).handle(stock, sku, receive(1), context());
    expect(outcome.outcome).toBe('unavailable');
    expect((await typesIn(sku)).length).toBe(4);
  });

  it('our own command found in the new tail is done', async () => {
    const sku = freshSku();
    let first = true;
    const forgetful = withFaults(store, {
      append: async (...call) => {
        const result = await store.append(...call);
        if (!first) return result;
        first = false;
        return { outcome: 'conflict', actual: 0 };
      },
    });
    const outcome = await createCommandHandler(forgetful).handle(stock, sku, receive(3), context());
    expect(outcome).toMatchObject({ outcome: 'decided', revision: 0, events: [{ type: 'StockReceived', data: { quantity: 3 } }] });
    expect(await typesIn(sku)).toEqual(['StockReceived']);
  });
});

describe('unknown is not failed', () => {
  it('a lost reply: the same bytes are sent again at the same revision, and one event stands', async () => {
    const sku = freshSku();
    let losses = 2;
    const lossy = withFaults(store, {
      append: async (...call) => {
        const result = await store.append(...call);
        losses -= 1;
        if (losses >= 0) throw new OutcomeUnknown('The reply was lost.');
        return result;
      },
    });
    const outcome = await createCommandHandler(lossy).handle(stock, sku, receive(3), context());
    expect(outcome).toMatchObject({ outcome: 'decided', revision: 0 });
    expect(await typesIn(sku)).toEqual(['StockReceived']);
  });

  it('a lost request is sent again', async () => {
    const sku = freshSku();
    let losses = 1;
    const lossy = withFaults(store, {
      append: async (...call) => {
        losses -= 1;
        if (losses >= 0) throw new OutcomeUnknown('The request was lost.');
        return store.append(...call);
      },
    });
    expect((await createCommandHandler(lossy).handle(stock, sku, receive(3), context())).outcome).toBe('decided');
    expect(await typesIn(sku)).toEqual(['StockReceived']);
  });

  it('a store that stays away is unavailable, and the next command begins at the log', async () => {
    const sku = freshSku();
    let away = true;
    const flaky = withFaults(store, {
      append: async (...call) => {
        if (away) throw new Unavailable('Nobody there.');
        return store.append(...call);
      },
    });
    const handler = createCommandHandler(flaky, { patience: 50 });
    expect(await handler.handle(stock, sku, receive(3), context())).toEqual({ outcome: 'unavailable', reason: 'Nobody there.' });
    away = false;
    expect(await handler.handle(stock, sku, receive(3), context())).toMatchObject({ outcome: 'decided', revision: 0 });
  });
});

describe('a decision that appends nothing', () => {
  it('is confirmed when it came from a cached state: a refusal is never older than the question', async () => {
    const sku = freshSku();
    const [ours, theirs] = [createCommandHandler(store), createCommandHandler(store)];
    await ours.handle(stock, sku, receive(5), context());
    await theirs.handle(stock, sku, receive(10), context());
    expect(await ours.handle(stock, sku, reserve(12), context())).toMatchObject({ outcome: 'decided', revision: 2 });
  });

  it('a repeat is answered from the log with the position of its stream', async () => {
    const sku = freshSku();
    const command = receive(5);
    const first = await createCommandHandler(store).handle(stock, sku, command, context());
    const again = await createCommandHandler(store).handle(stock, sku, command, context());
    expect(again).toMatchObject({ outcome: 'decided', events: [], revision: 0 });
    expect(first.outcome === 'decided' && again.outcome === 'decided' && first.position === again.position).toBe(true);
  });
});

describe('loading', () => {
  it('never answers with less than is known to exist', async () => {
    await expect(createCommandHandler(store).load(stock, freshSku(), 3)).rejects.toThrow(Unavailable);
  });
});

describe('round trips', () => {
  it('creating needs no read', async () => {
    const { calls, observed } = counted(store);
    const handler = createCommandHandler(observed);
    const id = `w-${uuid4().slice(0, 8)}`;
    const put = { type: 'PutWarehouse', warehouse: id, name: 'W', region: null, priority: 1 } as const;
    expect((await handler.handle(warehouse, id, put, context(), { assumeNew: true })).outcome).toBe('decided');
    expect(calls).toEqual({ append: 1, readStream: 0 });
  });

  it('creating what exists is decided on what is there', async () => {
    const id = `w-${uuid4().slice(0, 8)}`;
    const put = { type: 'PutWarehouse', warehouse: id, name: 'W', region: null, priority: 1 } as const;
    await createCommandHandler(store).handle(warehouse, id, put, context());
    const { calls, observed } = counted(store);
    const again = await createCommandHandler(observed).handle(warehouse, id, put, context(), { assumeNew: true });
    expect(again).toMatchObject({ outcome: 'decided', events: [], revision: 0 });
    expect(calls).toEqual({ append: 1, readStream: 1 });
  });

  it('a cached stream costs one append and no read', async () => {
    const { calls, observed } = counted(store);
    const handler = createCommandHandler(observed);
    const sku = freshSku();
    await handler.handle(stock, sku, receive(5), context());
    const before = { ...calls };
    await handler.handle(stock, sku, reserve(1), context());
    expect(calls).toEqual({ append: before.append + 1, readStream: before.readStream });
  });

  it('the cache forgets the least recently used and loads it again', async () => {
    const handler = createCommandHandler(store, { cacheSize: 2 });
    const skus = [freshSku(), freshSku(), freshSku()];
    for (const sku of skus) await handler.handle(stock, sku, receive(5), context());
    for (const sku of skus)
      expect(await handler.handle(stock, sku, reserve(5), context())).toMatchObject({ outcome: 'decided', revision: 1 });
  });
});
