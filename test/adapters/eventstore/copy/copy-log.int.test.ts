// A copy of a log, from node to node over the wire: what it keeps, what it refuses, and that it can be broken off anywhere.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient, StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createEventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { type CopyOptions, type CopyReport, copyLog } from '../../../../src/adapters/eventstore/copy/copy-log.js';
import { connectEventStore } from '../../../../src/adapters/eventstore/event-store.js';
import { Rejected } from '../../../../src/domain/log/errors.js';
import { collect, newEvent, newEvents } from '../../embedded/event-node/connection.js';

interface Log {
  readonly url: string;
  readonly client: EventStoreDBClient;
}

async function startLog(): Promise<Log> {
  const node = await createEventNode({});
  const client = EventStoreDBClient.connectionString(node.url);
  onTestFinished(async () => {
    await client.dispose();
    await node.close();
  });
  return { url: node.url, client };
}

let source: Log;
let target: Log;
beforeEach(async () => {
  [source, target] = [await startLog(), await startLog()];
});

const copy = (options: Partial<CopyOptions> = {}): Promise<CopyReport> => copyLog({ from: source.url, to: target.url, ...options });

/** What a log shows, apart from places and times: `$all` without metadata, in order. */
async function eventsOf({ client }: Log) {
  const all = await collect(client.readAll());
  return all.flatMap(({ event }) => {
    if (event === undefined || event.streamId.startsWith('$$')) return [];
    const { streamId, revision, id, type, isJson, data, metadata } = event;
    return [{ streamId, revision, id, type, isJson, data, metadata }];
  });
}

/** Aborts when so many events have been looked at. */
function interruptedAfter(events: number): Pick<CopyOptions, 'signal' | 'onProgress'> {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress(progress) {
      if (progress.phase === 'copying' && progress.events >= events) stop.abort();
    },
  };
}

/** Several streams, interleaved. */
async function fill({ client }: Log, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const stream of ['order-1', 'order-2', 'bestellung-ü'])
      await client.appendToStream(stream, newEvents(1 + (round % 3)), { expectedRevision: 'any' });
}

describe('a copy', () => {
  it('keeps streams, order, revisions, ids, types, bytes and metadata of every event, and is verified', async () => {
    await fill(source, 30);
    const json = Buffer.from('{"b" : [1.0,  "ü"], "big": 12345678901234567890, "a":null}');
    await source.client.appendToStream('odd-1', [binaryEvent({ type: 'Leer→', data: Buffer.from([0, 255, 7]), metadata: json })]);
    const [from, to] = [connectEventStore({ url: source.url }), connectEventStore({ url: target.url })];
    onTestFinished(async () => void (await Promise.all([from.close(), to.close()])));
    await from.append('odd-2', [{ id: randomUUID(), type: 'Odd', data: json, metadata: json }], 'no-stream');
    const report = await copy();
    expect(report).toMatchObject({ present: 0, copied: (await eventsOf(source)).length, marked: false });
    expect(report.verified?.differences).toEqual([]);
    expect(report.verified?.source).toEqual(report.verified?.target);
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
    for await (const { data, metadata } of to.readStream('odd-2'))
      expect([data, metadata].map(String)).toEqual([`${json}`, `${json}`]);
  });

  it('keeps what is in force of metadata, and what was deleted, softly or for good', async () => {
    for (const stream of ['limited-1', 'deleted-1', 'back-1', 'gone-1'])
      await source.client.appendToStream(stream, newEvents(3), { expectedRevision: 'no_stream' });
    await source.client.setStreamMetadata('limited-1', { maxCount: 5 });
    await source.client.setStreamMetadata('limited-1', { maxCount: 2, acl: { readRoles: ['ops'] }, owner: 'sales' });
    await source.client.deleteStream('deleted-1');
    await source.client.deleteStream('back-1');
    await source.client.appendToStream('back-1', newEvents(2), { expectedRevision: 2n });
    await source.client.setStreamMetadata('gone-1', { maxCount: 1 });
    await source.client.tombstoneStream('gone-1');
    await source.client.setStreamMetadata('metadata-alone', { maxAge: 5 });
    const report = await copy();
    expect(report).toMatchObject({ copied: 14, metadata: 5, tombstones: 1 });
    expect(report.verified?.differences).toEqual([]);
    const read = async (stream: string): Promise<number[]> =>
      (await collect(target.client.readStream(stream))).map(({ event }) => Number(event?.revision));
    expect(await read('limited-1')).toEqual([1, 2]);
    expect((await target.client.getStreamMetadata('limited-1')).metadata).toEqual({
      maxCount: 2,
      acl: { readRoles: ['ops'] },
      owner: 'sales',
    });
    await expect(read('deleted-1')).rejects.toThrow(StreamNotFoundError);
    expect(await read('back-1')).toEqual([3, 4]);
    await expect(read('gone-1')).rejects.toThrow(StreamDeletedError);
    expect((await target.client.getStreamMetadata('metadata-alone')).metadata).toEqual({ maxAge: 5 });
    expect(await copy()).toMatchObject({ copied: 0, present: 14, verified: { differences: [] } });
  });

  it('leaves the server’s own streams behind, and says how many events that were', async () => {
    await source.client.appendToStream('$settings', newEvents(2), { expectedRevision: 'no_stream' });
    await source.client.appendToStream('order-1', newEvents(1), { expectedRevision: 'no_stream' });
    expect(await copy()).toMatchObject({ copied: 1, system: 2, verified: { differences: [] } });
  });

  it('of an empty log is empty', async () => {
    expect(await copy()).toMatchObject({ copied: 0, present: 0, verified: { differences: [] } });
  });
});

describe('a copy that was broken off', () => {
  it('goes on when it is run again, without a duplicate, wherever it was broken off', async () => {
    await fill(source, 12);
    const wanted = await eventsOf(source);
    let present = 0;
    for (const after of [1, 2, 7, 20]) {
      const report = await copy(interruptedAfter(after));
      expect(report.verified).toBeUndefined();
      expect(report.present).toBe(Math.min(present, after));
      const copied = await eventsOf(target);
      expect(copied).toEqual(wanted.slice(0, copied.length));
      present = copied.length;
    }
    expect(await copy()).toMatchObject({ present, copied: wanted.length - present, verified: { differences: [] } });
    expect(await eventsOf(target)).toEqual(wanted);
  });

  it('goes on with what the source has written since', async () => {
    await fill(source, 3);
    await source.client.setStreamMetadata('order-1', { maxCount: 100 });
    await source.client.deleteStream('order-2');
    await copy();
    await fill(source, 2);
    await source.client.setStreamMetadata('order-1', { maxCount: 50 });
    const report = await copy();
    expect(report.copied).toBeGreaterThan(0);
    expect(report.verified?.differences).toEqual([]);
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
    expect((await target.client.getStreamMetadata('order-1')).metadata).toEqual({ maxCount: 50 });
    expect(await copy()).toMatchObject({ copied: 0, verified: { differences: [] } });
  });

  it('is the same log for any history and any places to break off', async () => {
    const step = fc.record({ stream: fc.integer({ min: 1, max: 4 }), events: fc.integer({ min: 1, max: 5 }) });
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 15 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
      async (history, breaks) => {
        const [from, to] = [await createEventNode({}), await createEventNode({})];
        const client = EventStoreDBClient.connectionString(from.url);
        try {
          for (const { stream, events } of history) await client.appendToStream(`s-${stream}`, newEvents(events));
          for (const after of breaks) await copyLog({ from: from.url, to: to.url, ...interruptedAfter(after) });
          const { present, copied, verified } = await copyLog({ from: from.url, to: to.url });
          expect(present + copied).toBe(history.reduce((sum, { events }) => sum + events, 0));
          expect(verified?.differences).toEqual([]);
        } finally {
          await client.dispose();
          await Promise.all([from.close(), to.close()]);
        }
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });
});

describe('a copy is refused', () => {
  beforeEach(() => fill(source, 2));

  it('into a log that holds other events, which it names', async () => {
    await target.client.appendToStream('other-1', newEvents(1), { expectedRevision: 'no_stream' });
    await expect(copy()).rejects.toThrow(/holds something else than the source: Counted at other-1@0 where Counted at order-1@0/);
    await expect(copy()).rejects.toThrow(Rejected);
  });

  it('into a log that holds more than the source', async () => {
    await copy();
    await target.client.appendToStream('other-1', newEvents(1), { expectedRevision: 'no_stream' });
    await expect(copy()).rejects.toThrow('The target holds what the source does not: Counted at other-1@0.');
  });

  it('into a log that holds other metadata', async () => {
    await target.client.setStreamMetadata('other-1', { maxCount: 1 });
    await expect(copy()).rejects.toThrow('The target holds what the source does not: metadata of other-1.');
  });

  it('from a log that a scavenge has taken events from, without which the revisions cannot be kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copy-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const node = await createEventNode({ dataDir: folder });
    onTestFinished(() => node.close());
    const client = EventStoreDBClient.connectionString(node.url);
    onTestFinished(() => client.dispose());
    await client.appendToStream('order-9', newEvents(5), { expectedRevision: 'no_stream' });
    for (const maxCount of [4, 3, 2]) await client.setStreamMetadata('order-9', { maxCount });
    expect(await copy({ from: node.url })).toMatchObject({ copied: 5, metadata: 1, verified: { differences: [] } });
    await node.scavenge();
    target = await startLog();
    await expect(copy({ from: node.url })).rejects.toThrow(
      /no longer holds order-9@0 up to order-9@2: a scavenge has removed them/,
    );
  });

  it('into itself', async () => {
    await expect(copy({ to: source.url })).rejects.toThrow('The source and the target are the same log.');
  });

  it('where one event differs in a byte of its data', async () => {
    const [first] = await collect(source.client.readStream('order-1', { maxCount: 1 }));
    await target.client.appendToStream('order-1', [newEvent(99, first?.event?.id)], { expectedRevision: 'no_stream' });
    await expect(copy()).rejects.toThrow('holds something else');
  });
});

describe('the mark of a copy', () => {
  const mark: NonNullable<CopyOptions['mark']> = {
    stream: 'order-1',
    idOf: ({ id }) => `${id.slice(0, -12)}cccccccccccc`,
    make: (id) => ({ id, type: 'Copied', data: Buffer.from('{}'), metadata: Buffer.alloc(0) }),
  };

  it('ends its stream in the target, once however often the copy is run, and is no difference', async () => {
    await fill(source, 2);
    for (let round = 0; round < 3; round++)
      expect(await copy({ mark })).toMatchObject({ marked: true, verified: { differences: [] } });
    const events = await eventsOf(target);
    expect(events.filter(({ type }) => type === 'Copied')).toHaveLength(1);
    expect(events).toHaveLength((await eventsOf(source)).length + 1);
    await source.client.appendToStream('order-2', newEvents(1), { expectedRevision: 'any' });
    expect(await copy({ mark })).toMatchObject({ copied: 1, verified: { differences: [] } });
  });

  it('is not put where its stream is not', async () => {
    await source.client.appendToStream('order-2', newEvents(1), { expectedRevision: 'any' });
    expect(await copy({ mark })).toMatchObject({ marked: false, verified: { differences: [] } });
  });
});
