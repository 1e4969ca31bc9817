// What the platform relies on in any event store. It holds on a real EventStoreDB: nothing is assumed of the log but that it works, so
// every test has streams of its own.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logHead } from '../../../src/adapters/eventstore/head.js';
import { identifyLog, logStream } from '../../../src/adapters/eventstore/log-identity.js';
import { Rejected } from '../../../src/domain/log/errors.js';
import type { AppendResult, EventStore, FollowedBatch, NewEvent, StoredEvent } from '../../../src/domain/log/event-store.js';

export type ClosableEventStore = EventStore & { close(): Promise<void> };

const newEvent = (content: object = {}, type = 'OrderCreated'): NewEvent => ({
  id: randomUUID(),
  type,
  data: Buffer.from(JSON.stringify(content)),
  metadata: Buffer.from(JSON.stringify({ actor: 'contract' })),
});
const newEvents = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => newEvent({ n }));
const newPrefix = (): string => `contract_${randomUUID().replaceAll('-', '')}-`;
const newStream = (): string => `${newPrefix()}1`;

function appended(result: AppendResult) {
  if (result.outcome !== 'appended') throw new Error(`a conflict at ${result.actual}`);
  return result;
}

async function collect(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Takes batches until they say enough. */
async function followUntil(batches: AsyncIterable<FollowedBatch>, isEnough: (taken: readonly FollowedBatch[]) => boolean) {
  const taken: FollowedBatch[] = [];
  for await (const batch of batches) {
    taken.push(batch);
    if (isEnough(taken)) break;
  }
  return taken;
}
const eventsOf = (batches: readonly FollowedBatch[]): StoredEvent[] => batches.flatMap(({ events }) => events);
const isCaughtUp = (batches: readonly FollowedBatch[]): boolean => batches.some(({ caughtUp }) => caughtUp);

/** Runs the contract against the store that `connect` reaches. */
export function eventStoreContract(connect: () => Promise<ClosableEventStore>): void {
  let store: ClosableEventStore;
  beforeAll(async () => {
    store = await connect();
  });
  afterAll(() => store.close());

  describe('append', () => {
    it('counts revisions from 0 within a stream, and answers with the place of the last event', async () => {
      const stream = newStream();
      const first = appended(await store.append(stream, newEvents(1), 'no-stream'));
      const second = appended(await store.append(stream, newEvents(3), 0));
      expect([first.revision, second.revision]).toEqual([0, 3]);
      const stored = await collect(store.readStream(stream));
      expect(stored.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
      expect([stored[0]?.position, stored[3]?.position]).toEqual([first.position, second.position]);
      expect(stored.every((event, n) => n === 0 || event.position > (stored[n - 1]?.position ?? 0n))).toBe(true);
    });

    it('keeps everything of an event as it was written', async () => {
      const stream = `${newStream()}-ä→🌍`;
      const event = { ...newEvent({}, 'Prüfung→Bestanden'), data: Buffer.from('{"b" : [1.0,  "ü"], "a":null}') };
      const earliest = Date.now() - 60_000;
      const { position } = appended(await store.append(stream, [event], 'no-stream'));
      const [stored] = await collect(store.readStream(stream));
      const { created, data, metadata, ...rest } = stored ?? expect.fail('nothing was stored');
      expect(rest).toEqual({ id: event.id, type: event.type, stream, revision: 0, position });
      expect(Buffer.from(data).toString()).toBe(event.data.toString());
      expect(Buffer.from(metadata).toString()).toBe(Buffer.from(event.metadata).toString());
      expect(created.getTime()).toBeGreaterThan(earliest);
      expect(created.getTime()).toBeLessThan(Date.now() + 60_000);
    });

    it('at any other revision is a conflict that says the real one, and writes nothing', async () => {
      const stream = newStream();
      expect(await store.append(stream, newEvents(1), 0)).toEqual({ outcome: 'conflict', actual: 'no-stream' });
      appended(await store.append(stream, newEvents(2), 'no-stream'));
      expect(await store.append(stream, newEvents(2), 'no-stream')).toEqual({ outcome: 'conflict', actual: 1 });
      expect(await store.append(stream, newEvents(2), 0)).toEqual({ outcome: 'conflict', actual: 1 });
      expect(await store.append(stream, newEvents(2), 7)).toEqual({ outcome: 'conflict', actual: 1 });
      expect(await collect(store.readStream(stream))).toHaveLength(2);
    });

    it('sent again with the same bytes at the same revision answers as it did the first time', async () => {
      const stream = newStream();
      const [opening, next] = [newEvents(2), newEvents(3)];
      const first = await store.append(stream, opening, 'no-stream');
      const second = await store.append(stream, next, 1);
      appended(await store.append(stream, newEvents(1), 4));
      expect(await store.append(stream, opening, 'no-stream')).toEqual(first);
      expect(await store.append(stream, next, 1)).toEqual(second);
      expect(await collect(store.readStream(stream))).toHaveLength(6);
    });

    it('with a part of what was written, and more, is a conflict', async () => {
      const stream = newStream();
      const [event, other] = [newEvent(), newEvent()];
      appended(await store.append(stream, [event], 'no-stream'));
      expect(await store.append(stream, [event, other], 'no-stream')).toEqual({ outcome: 'conflict', actual: 0 });
    });

    it('lets one of many win at one revision', async () => {
      const stream = newStream();
      appended(await store.append(stream, newEvents(1), 'no-stream'));
      const results = await Promise.all(Array.from({ length: 32 }, () => store.append(stream, newEvents(1), 0)));
      expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(31);
      expect(await collect(store.readStream(stream))).toHaveLength(2);
    });

    it('sent without waiting for the one before it arrives after it', async () => {
      const stream = newStream();
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, n) => store.append(stream, newEvents(1), n === 0 ? 'no-stream' : n - 1)),
      );
      expect(results.map((result) => appended(result).revision)).toEqual(results.map((_, n) => n));
    });

    it('that is larger than the store allows is rejected, and what comes after it is not', async () => {
      const stream = newStream();
      const huge = newEvent({ text: 'x'.repeat(1_500_000) });
      await expect(store.append(stream, [huge], 'no-stream')).rejects.toThrow(Rejected);
      expect(appended(await store.append(stream, newEvents(1), 'no-stream')).revision).toBe(0);
    });

    it('needs an event', async () => {
      await expect(store.append(newStream(), [], 'no-stream')).rejects.toThrow(TypeError);
    });
  });

  describe('readStream', () => {
    const stream = newStream();
    beforeAll(async () => {
      appended(await store.append(stream, newEvents(600), 'no-stream'));
    });
    const revisions = async (options: Parameters<EventStore['readStream']>[1]) =>
      (await collect(store.readStream(stream, options))).map(({ revision }) => revision);

    it.each([
      ['a part, forwards', { from: 100, limit: 3 }, [100, 101, 102]],
      ['a part, backwards', { direction: 'backwards', from: 100, limit: 3 }, [100, 99, 98]],
      ['the end', { direction: 'backwards', limit: 2 }, [599, 598]],
      ['what there is, of more', { from: 598, limit: 10 }, [598, 599]],
      ['nothing, beyond the end', { from: 600 }, []],
      ['nothing, if nothing is asked for', { limit: 0 }, []],
    ] as const)('reads %s', async (_, options, expected) => {
      expect(await revisions(options)).toEqual(expected);
    });

    it('reads all of it, in order, without being told how much', async () => {
      expect(await revisions({})).toEqual(Array.from({ length: 600 }, (_, n) => n));
    });

    it('reads nothing of a stream that does not exist', async () => {
      expect(await collect(store.readStream(newStream()))).toEqual([]);
      expect(await collect(store.readStream(newStream(), { direction: 'backwards', limit: 1 }))).toEqual([]);
    });

    it('may be left in the middle', async () => {
      for await (const { revision } of store.readStream(stream)) if (revision === 10) break;
      expect(await revisions({ from: 599 })).toEqual([599]);
    });
  });

  describe('setMetadata', () => {
    it('limits what a stream shows, and can be set again', async () => {
      const stream = newStream();
      appended(await store.append(stream, newEvents(5), 'no-stream'));
      const revisions = async () => (await collect(store.readStream(stream))).map(({ revision }) => revision);
      await store.setMetadata(stream, { maxCount: 2 });
      expect(await revisions()).toEqual([3, 4]);
      await store.setMetadata(stream, { truncateBefore: 1, maxAgeSeconds: 3_600 });
      expect(await revisions()).toEqual([1, 2, 3, 4]);
    });
  });

  describe('readAll', () => {
    it('reads from a place on: inclusive forwards, exclusive backwards', async () => {
      const stream = newStream();
      const { position: first } = appended(await store.append(stream, newEvents(1), 'no-stream'));
      const { position: last } = appended(await store.append(stream, newEvents(2), 0));
      const own = async (options: Parameters<EventStore['readAll']>[0]) => {
        const all = await collect(store.readAll(options));
        return all.filter((event) => event.stream === stream).map(({ revision }) => revision);
      };
      expect(await own({ from: first })).toEqual([0, 1, 2]);
      expect(await own({ from: first, limit: 1 })).toEqual([0]);
      expect(await own({ from: last, limit: 1 })).toEqual([2]);
      expect(await own({ direction: 'backwards', from: last, limit: 1_000 })).toEqual([1, 0]);
      expect(await own({ direction: 'backwards', limit: 1_000 })).toEqual([2, 1, 0]);
    });

    it('reads in log order, from the very start', async () => {
      const events = await collect(store.readAll({ limit: 200 }));
      expect(events.length).toBeGreaterThan(0);
      expect(events.every((event, n) => n === 0 || event.position > (events[n - 1]?.position ?? 0n))).toBe(true);
    });
  });

  describe('follow', () => {
    it('delivers history, says once that it is over, then delivers what is written', async () => {
      const prefix = newPrefix();
      const before = appended(await store.append(`${prefix}1`, newEvents(1_500), 'no-stream'));
      let later: bigint | undefined;
      const batches: FollowedBatch[] = [];
      for await (const batch of store.follow({ streamPrefixes: [prefix] })) {
        batches.push(batch);
        if (batch.caughtUp) later = appended(await store.append(`${prefix}2`, newEvents(2), 'no-stream')).position;
        if (later !== undefined && batch.events.at(-1)?.position === later) break;
      }
      expect(eventsOf(batches)).toHaveLength(1_502);
      expect(batches.filter(({ caughtUp }) => caughtUp)).toHaveLength(1);
      const over = batches.findIndex(({ caughtUp }) => caughtUp);
      expect(eventsOf(batches.slice(0, over + 1)).at(-1)?.position).toBe(before.position);
      expect(batches.every(({ events, caughtUp }) => caughtUp || events.length > 0)).toBe(true);
    });

    it('delivers what reading delivers', async () => {
      const prefix = newPrefix();
      appended(await store.append(`${prefix}1`, newEvents(3), 'no-stream'));
      const followed = eventsOf(await followUntil(store.follow({ streamPrefixes: [prefix] }), isCaughtUp));
      expect(followed).toEqual(await collect(store.readStream(`${prefix}1`)));
    });

    it('resumes after the last event that was handled', async () => {
      const prefix = newPrefix();
      const { position } = appended(await store.append(`${prefix}1`, newEvents(2), 'no-stream'));
      appended(await store.append(`${prefix}1`, newEvents(2), 1));
      const taken = await followUntil(store.follow({ streamPrefixes: [prefix], after: position }), isCaughtUp);
      expect(eventsOf(taken).map(({ revision }) => revision)).toEqual([2, 3]);
    });

    it('is caught up at once when there is no history', async () => {
      const taken = await followUntil(store.follow({ streamPrefixes: [newPrefix()] }), () => true);
      expect(taken).toEqual([{ events: [], caughtUp: true }]);
    });

    it('delivers the streams that were asked for, and no other', async () => {
      const [one, two, other] = [newPrefix(), newPrefix(), newPrefix()];
      for (const prefix of [one, other, two]) appended(await store.append(`${prefix}1`, newEvents(1), 'no-stream'));
      const taken = await followUntil(store.follow({ streamPrefixes: [one, two] }), isCaughtUp);
      expect(eventsOf(taken).map(({ stream }) => stream)).toEqual([`${one}1`, `${two}1`]);
    });

    it('misses nothing and repeats nothing while many write, and keeps the order of the log', async () => {
      const prefix = newPrefix();
      const [writers, each] = [16, 50];
      const writing = Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let n = 0; n < each; n++)
            appended(await store.append(`${prefix}${writer}`, newEvents(1), n === 0 ? 'no-stream' : n - 1));
        }),
      );
      const taken = await followUntil(store.follow({ streamPrefixes: [prefix] }), (all) => eventsOf(all).length >= writers * each);
      await writing;
      const positions = eventsOf(taken).map(({ position }) => position);
      expect(positions.every((position, n) => n === 0 || position > (positions[n - 1] ?? 0n))).toBe(true);
      const seen = eventsOf(taken).map(({ stream, revision }) => `${stream}@${revision}`);
      expect(new Set(seen).size).toBe(writers * each);
    });

    it('throws the signal’s reason when it is aborted, also before it began', async () => {
      const stop = new AbortController();
      const following = followUntil(store.follow({ streamPrefixes: [newPrefix()], signal: stop.signal }), (batches) => {
        if (isCaughtUp(batches)) stop.abort(new Error('enough'));
        return false;
      });
      await expect(following).rejects.toThrow('enough');
      const late = followUntil(store.follow({ streamPrefixes: [newPrefix()], signal: stop.signal }), () => true);
      await expect(late).rejects.toThrow('enough');
    });
  });

  describe('the log', () => {
    it('is named once, whoever asks first', async () => {
      const names = await Promise.all(Array.from({ length: 8 }, () => identifyLog(store, '1.0.0')));
      expect(new Set(names).size).toBe(1);
      expect(names[0]).toMatch(/^[a-z0-9]{4,8}$/);
      expect(await identifyLog(store, '2.0.0')).toBe(names[0]);
      expect((await collect(store.readStream(logStream))).filter(({ type }) => type === 'LogIdentified').length).toBeGreaterThan(0);
    });

    it('ends, for us, at the last event of our streams, however many others lie behind it', async () => {
      const [ours, others] = [newPrefix(), newPrefix()];
      expect(await logHead(store, [ours])).toBeNull();
      const { position } = appended(await store.append(`${ours}1`, newEvents(2), 'no-stream'));
      expect(await logHead(store, [ours])).toBe(position);
      appended(await store.append(`${others}1`, newEvents(100), 'no-stream'));
      await store.setMetadata(`${ours}1`, { maxCount: 10 });
      expect(await logHead(store, [others, ours])).not.toBe(position);
      expect(await logHead(store, [ours])).toBe(position);
    });
  });
}
