// Soft deletes and tombstones over the wire. The same promises hold on a real EventStoreDB (set EVENTSTORE_URL).

import {
  BACKWARDS,
  END,
  START,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../support/condition.js';
import { type Connection, collect, conflictOf, connect, newEvent, newEvents, newStream, streamOf, ways } from '../connection.js';

const TOMBSTONE_REVISION = 9_223_372_036_854_775_807n;

let connection: Connection;
let client: Connection['client'];
beforeAll(async () => {
  connection = await connect();
  client = connection.client;
});
afterAll(() => connection.close());

const read = async (stream: string): Promise<number[]> =>
  (await collect(client.readStream(stream))).map(({ event }) => Number(event?.revision));

/** What the whole log holds of a stream, newest first: `type@revision`. */
async function inLog(stream: string): Promise<string[]> {
  const all = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 100 }));
  return all.flatMap(({ event }) => (event?.streamId === stream ? [`${event.type}@${event.revision}`] : []));
}

async function deletedStream(count = 3): Promise<string> {
  const stream = await streamOf(client, count);
  await client.deleteStream(stream);
  return stream;
}

async function tombstonedStream(count = 3): Promise<string> {
  const stream = await streamOf(client, count);
  await client.tombstoneStream(stream);
  return stream;
}

/** How a removal was refused. */
async function refusalOf(removal: Promise<unknown>): Promise<WrongExpectedVersionError> {
  const error: unknown = await removal.then(
    () => new Error('The removal succeeded.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof WrongExpectedVersionError)) throw error;
  return error;
}

describe('a soft delete', () => {
  it('hides the stream from reads, and takes nothing from the whole log', async () => {
    const stream = await deletedStream();
    await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
    await expect(collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: END }))).rejects.toThrow(
      StreamNotFoundError,
    );
    expect(await inLog(stream)).toEqual(['Counted@2', 'Counted@1', 'Counted@0']);
    expect(await inLog(`$$${stream}`)).toEqual(['$metadata@0']);
  });

  it('checks the revision that it is given, and says which the stream has', async () => {
    const stream = await streamOf(client, 3);
    const { expectedVersion, actualVersion, streamName } = await refusalOf(client.deleteStream(stream, { expectedRevision: 1n }));
    expect([expectedVersion, actualVersion, streamName]).toEqual([1n, 2n, stream]);
    expect(await read(stream)).toEqual([0, 1, 2]);
    await client.deleteStream(stream, { expectedRevision: 2n });
    await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
  });

  it.each(['any', 'no_stream'] as const)('of what never existed is refused, with %s', async (expectedRevision) => {
    const stream = newStream();
    expect((await refusalOf(client.deleteStream(stream, { expectedRevision }))).streamName).toBe(stream);
  });

  it('succeeds twice', async () => {
    const stream = await deletedStream();
    await client.deleteStream(stream);
    await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
  });

  describe.each(ways)('is undone by an append $way', ({ options }) => {
    it.each([
      ['with NO_STREAM', 'no_stream'],
      ['at the last revision', 2n],
      ['with ANY', 'any'],
    ] as const)('%s: the revisions go on, and only the new event is read', async (_name, expectedRevision) => {
      const stream = await deletedStream();
      const { nextExpectedRevision } = await client.appendToStream(stream, [newEvent(3)], { ...options, expectedRevision });
      expect(nextExpectedRevision).toBe(3n);
      expect(await read(stream)).toEqual([3]);
      expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
      expect(await inLog(stream)).toEqual(['Counted@3', 'Counted@2', 'Counted@1', 'Counted@0']);
      await client.appendToStream(stream, newEvents(2), { expectedRevision: 3n });
      expect(await read(stream)).toEqual([3, 4, 5]);
    });

    it('but not at a wrong revision, which is reported against the real last one', async () => {
      const stream = await deletedStream();
      const append = client.appendToStream(stream, [newEvent()], { ...options, expectedRevision: 0n });
      expect(await conflictOf(append)).toEqual({ expected: 0n, actual: 2n });
      await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
    });

    it('but not with STREAM_EXISTS, which answers that the stream is deleted', async () => {
      const stream = await deletedStream();
      const append = client.appendToStream(stream, [newEvent()], { ...options, expectedRevision: STREAM_EXISTS });
      await expect(append).rejects.toThrow(StreamDeletedError);
      expect(await inLog(stream)).toHaveLength(3);
    });
  });

  it('counts for the next append also when that does not wait for it', async () => {
    const stream = await streamOf(client, 3);
    const [, append] = await Promise.allSettled([
      client.deleteStream(stream),
      client.appendToStream(stream, [newEvent()], { expectedRevision: 'no_stream' }),
    ]);
    // Whichever comes first on the wire: the append is a conflict, or it brings the stream back.
    const seen = await read(stream).catch((error: unknown) => error);
    if (append?.status === 'fulfilled') expect(seen).toEqual([3]);
    else expect(seen).toBeInstanceOf(StreamNotFoundError);
  });

  it('is undone by metadata, of which the rest is kept: the stream is there and empty', async () => {
    const stream = await deletedStream();
    await client.setStreamMetadata(stream, { owner: 'sales' });
    expect(await read(stream)).toEqual([]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ owner: 'sales', truncateBefore: 3 });
    await client.appendToStream(stream, [newEvent()], { expectedRevision: 2n });
    expect(await read(stream)).toEqual([3]);
  });

  it('does not make an old append new: the same events again are answered as the first time', async () => {
    const stream = newStream();
    const events = newEvents(2);
    const first = await client.appendToStream(stream, events, { expectedRevision: 'no_stream' });
    await client.deleteStream(stream);
    const again = await client.appendToStream(stream, events, { expectedRevision: 'no_stream' });
    expect(again.nextExpectedRevision).toBe(first.nextExpectedRevision);
    expect(await inLog(stream)).toHaveLength(2);
  });

  it('shows a live subscriber nothing, and what comes after it', async () => {
    const stream = await streamOf(client, 2);
    const seen: string[] = [];
    const subscription = client.subscribeToStream(stream);
    subscription.on('data', ({ event }) => seen.push(`${event?.type}@${event?.revision}`));
    subscription.on('error', (error) => seen.push(String(error)));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await client.deleteStream(stream);
    await client.appendToStream(stream, [newEvent()], { expectedRevision: 'any' });
    await eventually(() => seen.includes('Counted@2'));
    expect(seen).toEqual(['Counted@0', 'Counted@1', 'Counted@2']);
    await subscription.unsubscribe();
  });
});

describe('a tombstone', () => {
  it.each([
    ['an append with ANY', (stream) => client.appendToStream(stream, [newEvent()], { expectedRevision: 'any' })],
    ['an append with NO_STREAM', (stream) => client.appendToStream(stream, [newEvent()], { expectedRevision: 'no_stream' })],
    ['an append at the last revision', (stream) => client.appendToStream(stream, [newEvent()], { expectedRevision: 2n })],
    ['an append with STREAM_EXISTS', (stream) => client.appendToStream(stream, [newEvent()], { expectedRevision: STREAM_EXISTS })],
    ['a single append', (stream) => client.appendToStream(stream, [newEvent()], { ...ways[1].options, expectedRevision: 'any' })],
    ['a read', (stream) => collect(client.readStream(stream))],
    ['a read backwards', (stream) => collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: END }))],
    ['a delete', (stream) => client.deleteStream(stream)],
    ['another tombstone', (stream) => client.tombstoneStream(stream)],
    ['a subscription', (stream) => collect(client.subscribeToStream(stream))],
    ['asking for its metadata', (stream) => client.getStreamMetadata(stream)],
    ['setting its metadata', (stream) => client.setStreamMetadata(stream, { maxCount: 1 })],
  ] satisfies [string, (stream: string) => Promise<unknown>][])('%s is answered stream-deleted for ever', async (_name, call) => {
    await expect(call(await tombstonedStream())).rejects.toThrow(StreamDeletedError);
  });

  it('is named in the answer: the stream, or its metadata stream', async () => {
    const stream = await tombstonedStream();
    await expect(collect(client.readStream(stream))).rejects.toMatchObject({ streamName: stream });
    await expect(client.getStreamMetadata(stream)).rejects.toMatchObject({ streamName: `$$${stream}` });
  });

  it('stands in the whole log at the last revision there can be, and is not JSON', async () => {
    const stream = await tombstonedStream(1);
    expect(await inLog(stream)).toEqual([`$streamDeleted@${TOMBSTONE_REVISION}`, 'Counted@0']);
    const all = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 100 }));
    expect(all.find(({ event }) => event?.streamId === stream)?.event).toMatchObject({ isJson: false });
  });

  it('may be set on what never existed, on what was deleted, and at the last revision', async () => {
    const missing = newStream();
    await client.tombstoneStream(missing);
    await expect(read(missing)).rejects.toThrow(StreamDeletedError);
    const deleted = await deletedStream();
    await client.tombstoneStream(deleted);
    await expect(read(deleted)).rejects.toThrow(StreamDeletedError);
    const exact = await streamOf(client, 3);
    await client.tombstoneStream(exact, { expectedRevision: 2n });
    await expect(read(exact)).rejects.toThrow(StreamDeletedError);
  });

  it('is refused at a wrong revision', async () => {
    const stream = await streamOf(client, 3);
    const { expectedVersion, actualVersion } = await refusalOf(client.tombstoneStream(stream, { expectedRevision: 7n }));
    expect([expectedVersion, actualVersion]).toEqual([7n, 2n]);
    await refusalOf(client.tombstoneStream(stream, { expectedRevision: 'no_stream' }));
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it.each([
    ['that is alone', async (_stream: string) => {}],
    ['behind a soft delete', (stream: string) => client.deleteStream(stream)],
  ])('%s is shown to a live subscriber, who is then told that the stream is deleted', async (_name, before) => {
    const stream = await streamOf(client, 1);
    const seen: string[] = [];
    const subscription = client.subscribeToStream(stream);
    const failed = new Promise((resolve) => subscription.once('error', resolve));
    subscription.on('data', ({ event }) => seen.push(`${event?.type}@${event?.revision}`));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await before(stream);
    await client.tombstoneStream(stream);
    expect(await failed).toBeInstanceOf(StreamDeletedError);
    expect(seen).toEqual(['Counted@0', `$streamDeleted@${TOMBSTONE_REVISION}`]);
  });

  it('reaches those who follow the whole log, and they go on', async () => {
    const prefix = newStream('gone');
    const seen: string[] = [];
    const subscription = client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [prefix] }) });
    subscription.on('data', ({ event }) => seen.push(`${event?.streamId}/${event?.type}`));
    await client.appendToStream(`${prefix}1`, [newEvent()], { expectedRevision: 'no_stream' });
    await client.tombstoneStream(`${prefix}1`);
    await client.appendToStream(`${prefix}2`, [newEvent()], { expectedRevision: 'no_stream' });
    await eventually(() => seen.length === 3);
    expect(seen).toEqual([`${prefix}1/Counted`, `${prefix}1/$streamDeleted`, `${prefix}2/Counted`]);
    await subscription.unsubscribe();
  });

  it('of a stream with a name beyond ASCII is answered as such: what goes into trailers is encoded', async () => {
    const stream = `${newStream('bestellung_ü→🌍')}`;
    await client.tombstoneStream(stream);
    await expect(read(stream)).rejects.toThrow(StreamDeletedError);
    await expect(client.deleteStream(stream)).rejects.toThrow(StreamDeletedError);
  });
});
