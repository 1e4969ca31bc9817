// Reads of streams and of the whole log over the wire. The same promises hold on a real EventStoreDB (set EVENTSTORE_URL).

import {
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  jsonEvent,
  type ResolvedEvent,
  START,
  StreamNotFoundError,
  UnknownError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../support/condition.js';
import { type Connection, collect, connect, newEvent, newEvents, newStream, streamOf } from '../connection.js';

let connection: Connection;
beforeAll(async () => {
  connection = await connect();
});
afterAll(() => connection.close());

type StreamOptions = Parameters<Connection['client']['readStream']>[1];
type AllOptions = Parameters<Connection['client']['readAll']>[0];

const read = async (stream: string, options?: StreamOptions): Promise<number[]> =>
  (await collect(connection.client.readStream(stream, options))).map(({ event }) => Number(event?.revision));
const readAll = async (options: AllOptions): Promise<string[]> =>
  (await collect(connection.client.readAll(options))).map(({ event }) => `${event?.streamId}@${event?.revision}`);

describe('a stream read', () => {
  let stream: string;
  beforeAll(async () => {
    stream = await streamOf(connection.client, 10);
  });

  it.each([
    ['everything, forwards', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['from a revision, inclusive', { fromRevision: 7n }, [7, 8, 9]],
    ['at most so many', { fromRevision: 2n, maxCount: 3 }, [2, 3, 4]],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END, maxCount: 2 }, [9, 8]],
    ['backwards from a revision, inclusive', { direction: BACKWARDS, fromRevision: 2n }, [2, 1, 0]],
    ['backwards from the start: the first event', { direction: BACKWARDS, fromRevision: START }, [0]],
    ['forwards from beyond the end: nothing', { fromRevision: 100n }, []],
    ['backwards from beyond the end: the last events', { direction: BACKWARDS, fromRevision: 100n, maxCount: 2 }, [9, 8]],
  ] satisfies [string, StreamOptions, number[]][])('%s', async (_name, options, expected) => {
    expect(await read(stream, options)).toEqual(expected);
  });

  it('of a stream that does not exist says so, by name', async () => {
    const missing = newStream();
    const error = await collect(connection.client.readStream(missing)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error).toMatchObject({ streamName: missing });
  });

  it.each([
    ['no events at all', { maxCount: 0 }],
    ['what lies behind the end', { fromRevision: END }],
  ] satisfies [string, StreamOptions][])('that asks for %s is refused', async (_name, options) => {
    await expect(read(stream, options)).rejects.toThrow(UnknownError);
  });

  it('delivers events of hundreds of kilobytes whole', async () => {
    const large = newStream();
    const text = 'x'.repeat(300_000);
    for (let n = 0; n < 8; n++)
      await connection.client.appendToStream(large, [jsonEvent({ type: 'Large', data: { n, text } })], {
        expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
      });
    const events = await collect(connection.client.readStream(large));
    expect(events.map(({ event }) => event?.data)).toEqual(Array.from({ length: 8 }, (_, n) => ({ n, text })));
  });
});

describe('a read of the whole log', () => {
  it('shows events in the order of their positions: inclusive forwards, exclusive backwards', async () => {
    const [one, two] = [newStream(), newStream()];
    await connection.client.appendToStream(one, newEvents(2), { expectedRevision: 'no_stream' });
    await connection.client.appendToStream(two, newEvents(1), { expectedRevision: 'no_stream' });
    const [first] = await collect(connection.client.readStream(one));
    const [third] = await collect(connection.client.readStream(two));
    const [from, to] = [first?.event?.position, third?.event?.position];
    if (from === undefined || to === undefined) {
      // Not every server tells positions in a stream read; the whole log has them.
      const all = await collect(connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 20 }));
      expect(all.map(({ event }) => event?.streamId)).toContain(two);
      return;
    }
    const ours = (events: string[]): string[] => events.filter((event) => event.startsWith(one) || event.startsWith(two));
    expect(ours(await readAll({ direction: FORWARDS, fromPosition: from, maxCount: 20 }))).toEqual([
      `${one}@0`,
      `${one}@1`,
      `${two}@0`,
    ]);
    expect(ours(await readAll({ direction: BACKWARDS, fromPosition: to, maxCount: 20 }))).toEqual([`${one}@1`, `${one}@0`]);
    expect(ours(await readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 20 }))).toEqual([
      `${two}@0`,
      `${one}@1`,
      `${one}@0`,
    ]);
  });

  it('ends at the log: nothing behind the end, nothing before the start', async () => {
    await streamOf(connection.client, 1);
    expect(await readAll({ direction: FORWARDS, fromPosition: END })).toEqual([]);
    expect(await readAll({ direction: BACKWARDS, fromPosition: START })).toEqual([]);
    const [last] = await collect(connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    const beyond = (last?.event?.position.commit ?? 0n) + 1_000_000_000n;
    expect(await readAll({ direction: FORWARDS, fromPosition: { commit: beyond, prepare: beyond } })).toEqual([]);
  });

  it('refuses a position whose prepare lies behind its commit', async () => {
    const [last] = await collect(connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    const commit = last?.event?.position.commit ?? 0n;
    await expect(readAll({ direction: FORWARDS, fromPosition: { commit, prepare: commit + 1n } })).rejects.toThrow(UnknownError);
  });

  it('refuses a position in the middle of a record', async () => {
    const stream = await streamOf(connection.client, 1);
    await streamOf(connection.client, 1);
    const all = await collect(connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 10 }));
    const position = all.find(({ event }) => event?.streamId === stream)?.event?.position.commit ?? 0n;
    await expect(readAll({ direction: FORWARDS, fromPosition: { commit: position + 5n, prepare: position + 5n } })).rejects.toThrow(
      UnknownError,
    );
  });
});

describe('stream metadata', () => {
  const { setMetadata, appendMore } = {
    setMetadata: (stream: string, metadata: Parameters<Connection['client']['setStreamMetadata']>[1]) =>
      connection.client.setStreamMetadata(stream, metadata),
    appendMore: (stream: string) => connection.client.appendToStream(stream, [newEvent()], { expectedRevision: 'any' }),
  };

  it('is read back, and is empty where none was set', async () => {
    const stream = await streamOf(connection.client, 1);
    expect((await connection.client.getStreamMetadata(stream)).metadata).toBeUndefined();
    await setMetadata(stream, { maxCount: 3, owner: 'sales' });
    await setMetadata(stream, { maxCount: 2, owner: 'stock' });
    expect((await connection.client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 2, owner: 'stock' });
    expect(await read(`$$${stream}`)).toEqual([1]);
  });

  it('keeps what it is given: access, caching, and what is the user’s own', async () => {
    const stream = await streamOf(connection.client, 1);
    const metadata = { acl: { readRoles: ['$all'], writeRoles: ['ops'] }, cacheControl: 10, colour: 'blue', nested: { n: [1] } };
    await setMetadata(stream, metadata);
    expect((await connection.client.getStreamMetadata(stream)).metadata).toEqual(metadata);
    expect(await read(stream)).toEqual([0]);
  });

  it('stands in a stream of its own that keeps one event, whatever was set before', async () => {
    const stream = newStream();
    for (const maxCount of [1, 2, 3]) await setMetadata(stream, { maxCount });
    expect(await read(`$$${stream}`)).toEqual([2]);
    expect(await read(`$$${stream}`, { direction: BACKWARDS, fromRevision: END })).toEqual([2]);
  });

  it('$maxCount keeps the last events, in both directions', async () => {
    const stream = await streamOf(connection.client, 5);
    await setMetadata(stream, { maxCount: 2 });
    expect(await read(stream)).toEqual([3, 4]);
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3]);
    await appendMore(stream);
    expect(await read(stream, { fromRevision: 1n, maxCount: 1 })).toEqual([4]);
  });

  it('$tb hides what lies before it, and what is yet to come up to it', async () => {
    const stream = await streamOf(connection.client, 5);
    await setMetadata(stream, { truncateBefore: 3 });
    expect(await read(stream)).toEqual([3, 4]);
    await setMetadata(stream, { truncateBefore: 6 });
    expect((await appendMore(stream)).nextExpectedRevision).toBe(5n);
    expect(await read(stream)).toEqual([]);
    await appendMore(stream);
    expect(await read(stream)).toEqual([6]);
  });

  it('$maxAge hides what is older', async () => {
    const stream = await streamOf(connection.client, 3);
    await setMetadata(stream, { maxAge: 3600 });
    expect(await read(stream)).toEqual([0, 1, 2]);
    await setMetadata(stream, { maxAge: 1 });
    await eventually(async () => (await read(stream)).length === 0);
    await appendMore(stream);
    expect(await read(stream)).toEqual([3]);
  });

  it('takes nothing from the whole log', async () => {
    const stream = await streamOf(connection.client, 5);
    await setMetadata(stream, { maxCount: 1 });
    const all = await readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 30 });
    expect(all.filter((event) => event.startsWith(stream))).toEqual([4, 3, 2, 1, 0].map((revision) => `${stream}@${revision}`));
  });
});

describe('links', () => {
  /** A stream with one link of this content. */
  async function linkTo(content: string): Promise<string> {
    const stream = newStream('links');
    const link = binaryEvent({ type: '$>', data: Buffer.from(content) });
    await connection.client.appendToStream(stream, [link], { expectedRevision: 'no_stream' });
    return stream;
  }
  const resolved = (stream: string) => collect(connection.client.readStream(stream, { resolveLinkTos: true }));

  it('are resolved for those who ask', async () => {
    const target = await streamOf(connection.client, 3);
    const links = await linkTo(`1@${target}`);
    const [plain] = await collect(connection.client.readStream(links));
    expect([plain?.event?.type, plain?.link]).toEqual(['$>', undefined]);
    const [found] = await resolved(links);
    expect(found?.event).toMatchObject({ streamId: target, revision: 1n });
    expect(found?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
  });

  it.each([
    ['a stream that does not exist', async () => `0@${newStream()}`],
    ['an event that does not exist', async () => `7@${await streamOf(connection.client, 3)}`],
    ['nothing that can be read', async () => 'nonsense'],
    [
      'an event that is truncated',
      async () => {
        const stream = await streamOf(connection.client, 3);
        await connection.client.setStreamMetadata(stream, { truncateBefore: 2 });
        return `1@${stream}`;
      },
    ],
    [
      'a stream that is deleted for good',
      async () => {
        const stream = await streamOf(connection.client, 3);
        await connection.client.tombstoneStream(stream);
        return `1@${stream}`;
      },
    ],
  ] satisfies [string, () => Promise<string>][])('to %s are delivered alone', async (_name, content) => {
    const links = await linkTo(await content());
    const [found] = await resolved(links);
    expect(found?.event).toBeUndefined();
    expect(found?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
  });

  it('are resolved for subscribers too', async () => {
    const target = await streamOf(connection.client, 2);
    const links = await linkTo(`1@${target}`);
    const subscription = connection.client.subscribeToStream(links, { resolveLinkTos: true });
    const found = await new Promise<ResolvedEvent>((resolve) => subscription.once('data', resolve));
    expect([found.event?.streamId, found.event?.revision, found.link?.streamId]).toEqual([target, 1n, links]);
    await subscription.unsubscribe();
  });
});
