// A shared subscription over the wire: it holds the contract of a store, and delivers what the log has, whoever comes and goes.

import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareFollow } from '../../../src/adapters/eventstore/shared-follow.js';
import type { EventStore, Follow, FollowedBatch, NewEvent, StoredEvent } from '../../../src/domain/log/event-store.js';
import { eventually } from '../../support/condition.js';
import { collect, freshEventStore, type TestEventStore, withFaults } from '../../support/event-store.js';
import { eventStoreContract } from './event-store.contract.js';

describe('a store whose followers share', () => {
  eventStoreContract(async () => {
    const store = await freshEventStore();
    return { ...shareFollow(store, { streamPrefixes: ['contract_'] }), close: store.close };
  });
});

const streamPrefixes = ['order-', 'payment-', 'stock-'];

const newEvents = (count: number): NewEvent[] =>
  Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'Written',
    data: Buffer.from('{"text":"some text, as much as there is of it in an event"}'),
    metadata: Buffer.from('{}'),
  }));

/** The store, and how many of its subscriptions are open. */
function counted(store: EventStore) {
  const count = { open: 0, opened: 0 };
  async function* follow(options: Follow): AsyncGenerator<FollowedBatch, void, undefined> {
    count.open += 1;
    count.opened += 1;
    try {
      yield* store.follow(options);
    } finally {
      count.open -= 1;
    }
  }
  return { store: withFaults(store, { follow }), count };
}

let store: TestEventStore;
beforeAll(async () => {
  store = await freshEventStore();
});
afterAll(() => store.close());

interface Reader {
  readonly prefixes: readonly string[];
  /** How many turns of the event loop a batch takes it. */
  readonly turns: number;
  /** How many batches it stays for, each time that it comes. */
  readonly visits: readonly number[];
}

const readers: fc.Arbitrary<Reader[]> = fc.array(
  fc.record({
    prefixes: fc.subarray(streamPrefixes, { minLength: 1 }),
    turns: fc.oneof(fc.constant(0), fc.nat(200)),
    visits: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 }),
  }),
  { minLength: 2, maxLength: 5 },
);

/** Follows, leaves and comes back where it was, until it is told to stop; collects all that it was delivered. */
async function read(shared: EventStore, { prefixes, turns, visits }: Reader, signal: AbortSignal, got: StoredEvent[]) {
  for (const visit of [...visits, Number.POSITIVE_INFINITY]) {
    const after = got.at(-1)?.position;
    let batches = 0;
    let caughtUp = 0;
    for await (const batch of shared.follow({ streamPrefixes: prefixes, signal, ...(after === undefined ? {} : { after }) })) {
      got.push(...batch.events);
      batches += 1;
      if (batch.caughtUp) caughtUp += 1;
      else if (batch.events.length === 0) throw new Error('A batch is empty.');
      if (caughtUp > 1) throw new Error('History ended twice.');
      if (batches === visit) break;
      for (let n = 0; n < turns; n++) await turn();
    }
  }
}

describe('followers of many kinds', () => {
  it('each get what reading the log gives, once and in order, while others write, come, go and fall behind', async () => {
    const revisions = new Map<string, number>();
    const write = async (stream: string, count: number) => {
      const revision = revisions.get(stream);
      revisions.set(stream, (revision ?? -1) + count);
      await store.append(stream, newEvents(count), revision ?? 'no-stream');
    };
    const writes = fc.array(fc.tuple(fc.constantFrom(...streamPrefixes, 'other-'), fc.nat(3), fc.integer({ min: 1, max: 8 })), {
      minLength: 50,
      maxLength: 200,
    });
    await fc.assert(
      fc.asyncProperty(readers, writes, fc.integer({ min: 10, max: 300 }), async (readers, writes, maxEvents) => {
        const { store: watched, count } = counted(store);
        const shared = shareFollow(watched, { streamPrefixes, maxEvents });
        const stop = new AbortController();
        const reading = readers.map((reader) => {
          const got: StoredEvent[] = [];
          return { reader, got, ended: read(shared, reader, stop.signal, got).catch((error: unknown) => error) };
        });
        for (let n = 0; n < writes.length; n += 10) {
          await Promise.all(writes.slice(n, n + 10).map(([prefix, name, size]) => write(`${prefix}${name}`, size)));
        }
        const log = await collect(store.readAll());
        for (const { reader, got } of reading) {
          const expected = log.filter(({ stream }) => reader.prefixes.some((prefix) => stream.startsWith(prefix)));
          await eventually(() => got.length >= expected.length);
          expect(got.map(({ position }) => position)).toEqual(expected.map(({ position }) => position));
        }
        await eventually(() => count.open <= 1);
        stop.abort('enough');
        expect(await Promise.all(reading.map(({ ended }) => ended))).toEqual(readers.map(() => 'enough'));
        await eventually(() => count.open === 0);
      }),
      { numRuns: 12 },
    );
  });
});

describe('two followers', () => {
  it('are fed by one subscription when they are live, and have the very same events', async () => {
    const { store: watched, count } = counted(store);
    const shared = shareFollow(watched, { streamPrefixes });
    const stop = new AbortController();
    const all: StoredEvent[] = [];
    const orders: StoredEvent[] = [];
    const reading = [
      read(shared, { prefixes: streamPrefixes, turns: 0, visits: [] }, stop.signal, all),
      read(shared, { prefixes: ['order-'], turns: 0, visits: [] }, stop.signal, orders),
    ];
    await eventually(() => count.opened === 2 && count.open === 1);
    const stream = `order-${randomUUID()}`;
    await store.append(stream, newEvents(3), 'no-stream');
    await eventually(() => all.at(-1)?.stream === stream && orders.at(-1)?.stream === stream);
    for (const back of [-3, -2, -1]) expect(all.at(back)).toBe(orders.at(back));
    expect(count).toEqual({ open: 1, opened: 2 });
    stop.abort('enough');
    await expect(Promise.all(reading)).rejects.toBe('enough');
  });

  it('do not wait for each other: who stands still falls out, and gets everything once when it goes on', async () => {
    const { store: watched, count } = counted(store);
    const shared = shareFollow(watched, { streamPrefixes, maxEvents: 100 });
    const prefixes = [`order-${randomUUID()}`];
    const stop = new AbortController();
    const quick: StoredEvent[] = [];
    const reading = read(shared, { prefixes, turns: 0, visits: [] }, stop.signal, quick);
    const slow = shared.follow({ streamPrefixes: prefixes })[Symbol.asyncIterator]();
    expect((await slow.next()).value).toEqual({ events: [], caughtUp: true });
    const first = slow.next();
    await eventually(() => count.open === 1);
    await store.append(`${prefixes[0]}`, newEvents(1), 'no-stream');
    const got: StoredEvent[] = [...(await first).value.events];
    for (let n = 0; n < 50; n++) await store.append(`${prefixes[0]}`, newEvents(20), n * 20);
    await eventually(() => quick.length === 1001);

    expect(count).toEqual({ open: 1, opened: 2 });
    while (got.length < 1001) got.push(...(await slow.next()).value.events);
    expect(got).toEqual(quick);
    expect(count.opened).toBe(3);
    stop.abort('enough');
    await expect(reading).rejects.toBe('enough');
    await slow.return?.();
  });
});
