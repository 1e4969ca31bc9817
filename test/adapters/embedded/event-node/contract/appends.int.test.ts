// Appends over the wire, both ways. The same promises hold on a real EventStoreDB (set EVENTSTORE_URL).

import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  binaryEvent,
  END,
  EventStoreDBClient,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamNotFoundError,
  UnknownError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, collect, conflictOf, connect, newEvent, newEvents, newStream, streamOf, ways } from '../connection.js';

let connection: Connection;
beforeAll(async () => {
  connection = await connect();
});
afterAll(() => connection.close());

const revisionsOf = async (stream: string): Promise<unknown[]> =>
  (await collect(connection.client.readStream(stream))).map(({ event }) => Number(event?.revision));
const numbersOf = async (stream: string): Promise<unknown[]> =>
  (await collect(connection.client.readStream(stream))).map(({ event }) => event?.data);

describe.each(ways)('an append $way', ({ options }) => {
  const append: Connection['client']['appendToStream'] = (stream, events, more) =>
    connection.client.appendToStream(stream, events, { ...options, ...more });

  it('counts revisions from 0 and answers the revision of its last event', async () => {
    const stream = newStream();
    const first = await append(stream, newEvents(1), { expectedRevision: 'no_stream' });
    const second = await append(stream, newEvents(3), { expectedRevision: 0n });
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([0n, 3n]);
    expect(await revisionsOf(stream)).toEqual([0, 1, 2, 3]);
  });

  it('keeps id, type, data and metadata as they were given', async () => {
    const stream = newStream('bestellung_ü');
    const json = jsonEvent({
      id: randomUUID(),
      type: 'Geprüft',
      data: { text: 'naïve 漢字 \u0000 🙂' },
      metadata: { $correlationId: 'c' },
    });
    const binary = binaryEvent({ id: randomUUID(), type: 'Raw', data: Buffer.from([0, 255, 10]), metadata: Buffer.from([1, 2]) });
    const before = Date.now();
    await append(stream, [json, binary], { expectedRevision: 'no_stream' });
    const [first, second] = await collect(connection.client.readStream(stream));
    expect(first?.event).toMatchObject({
      id: json.id,
      type: 'Geprüft',
      data: json.data,
      metadata: json.metadata,
      isJson: true,
      streamId: stream,
    });
    expect(second?.event).toMatchObject({ id: binary.id, type: 'Raw', isJson: false });
    expect(second?.event?.data).toEqual(new Uint8Array([0, 255, 10]));
    expect(second?.event?.metadata).toEqual(new Uint8Array([1, 2]));
    expect(Math.abs((first?.event?.created.getTime() ?? 0) - before)).toBeLessThan(60_000);
  });

  it('is refused at a revision that the stream has not reached, and says which it has', async () => {
    const stream = await streamOf(connection.client, 3);
    expect(await conflictOf(append(stream, newEvents(1), { expectedRevision: 3n }))).toEqual({ expected: 3n, actual: 2n });
    expect(await conflictOf(append(newStream(), newEvents(1), { expectedRevision: 0n }))).toEqual({
      expected: 0n,
      actual: 'no_stream',
    });
  });

  it('is refused below the current revision if the events are other ones', async () => {
    const stream = await streamOf(connection.client, 3);
    expect(await conflictOf(append(stream, newEvents(1), { expectedRevision: 0n }))).toEqual({ expected: 0n, actual: 2n });
    expect(await conflictOf(append(stream, newEvents(1), { expectedRevision: 'no_stream' }))).toEqual({
      expected: 'no_stream',
      actual: 2n,
    });
    expect(await revisionsOf(stream)).toEqual([0, 1, 2]);
  });

  it('is answered as the first time when it is repeated, also after others have appended', async () => {
    const stream = newStream();
    const events = newEvents(2);
    const first = await append(stream, events, { expectedRevision: 'no_stream' });
    await append(stream, newEvents(1), { expectedRevision: 1n });
    const again = await append(stream, events, { expectedRevision: 'no_stream' });
    expect(again.nextExpectedRevision).toBe(first.nextExpectedRevision);
    if (again.position !== undefined) expect(again.position).toEqual(first.position);
    expect(await revisionsOf(stream)).toEqual([0, 1, 2]);
  });

  it('is refused if only a part of it is a repetition', async () => {
    const [a, b] = [newEvent(1), newEvent(2)];
    const stream = newStream();
    await append(stream, [a], { expectedRevision: 'no_stream' });
    expect(await conflictOf(append(stream, [a, b], { expectedRevision: 'no_stream' }))).toEqual({
      expected: 'no_stream',
      actual: 0n,
    });
    expect(await conflictOf(append(stream, [a, b], { expectedRevision: 'any' }))).toEqual({ expected: 'any', actual: 0n });
    expect(await numbersOf(stream)).toEqual([{ n: 1 }]);
  });

  it('with ANY is one append when it is repeated soon', async () => {
    const stream = newStream();
    const events = newEvents(2);
    const first = await append(stream, events, { expectedRevision: 'any' });
    const again = await append(stream, events, { expectedRevision: 'any' });
    expect(again.nextExpectedRevision).toBe(first.nextExpectedRevision);
    expect(await revisionsOf(stream)).toEqual([0, 1]);
  });

  it('at the current revision writes whatever it is given, even an id that stands there already', async () => {
    const event = newEvent(1);
    const stream = newStream();
    await append(stream, [event], { expectedRevision: 'no_stream' });
    await append(stream, [event], { expectedRevision: 0n });
    await append(stream, [event, event], { expectedRevision: 1n });
    expect(await revisionsOf(stream)).toEqual([0, 1, 2, 3]);
  });

  it('may use the id of an event in another stream', async () => {
    const event = newEvent(1);
    const [one, other] = [newStream(), newStream()];
    await append(one, [event], { expectedRevision: 'any' });
    await append(other, [event], { expectedRevision: 'any' });
    expect([await revisionsOf(one), await revisionsOf(other)]).toEqual([[0], [0]]);
  });

  it('with STREAM_EXISTS needs the stream, or its metadata', async () => {
    expect(await conflictOf(append(newStream(), newEvents(1), { expectedRevision: 'stream_exists' }))).toEqual({
      expected: 'stream_exists',
      actual: 'no_stream',
    });
    const stream = await streamOf(connection.client, 1);
    expect((await append(stream, newEvents(1), { expectedRevision: 'stream_exists' })).nextExpectedRevision).toBe(1n);
    const described = newStream();
    await connection.client.setStreamMetadata(described, { maxCount: 10 });
    expect((await append(described, newEvents(1), { expectedRevision: 'stream_exists' })).nextExpectedRevision).toBe(0n);
  });

  it('of no events succeeds, checks its revision, and makes no stream', async () => {
    const missing = newStream();
    expect((await append(missing, [], { expectedRevision: 'no_stream' })).nextExpectedRevision).toBe(0n);
    await expect(collect(connection.client.readStream(missing))).rejects.toThrow(StreamNotFoundError);
    const stream = await streamOf(connection.client, 3);
    expect((await append(stream, [], { expectedRevision: 2n })).nextExpectedRevision).toBe(2n);
    expect(await conflictOf(append(stream, [], { expectedRevision: 5n }))).toEqual({ expected: 5n, actual: 2n });
  });

  it('of more than 1 MiB is refused whole, however it is divided', async () => {
    const stream = newStream();
    const parts = Array.from({ length: 5 }, () => jsonEvent({ type: 'Big', data: { text: 'x'.repeat(250_000) } }));
    await expect(append(stream, parts, { expectedRevision: 'no_stream' })).rejects.toThrow(MaxAppendSizeExceededError);
    await expect(collect(connection.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    expect((await append(stream, parts.slice(0, 4), { expectedRevision: 'no_stream' })).nextExpectedRevision).toBe(3n);
    expect(await revisionsOf(stream)).toEqual([0, 1, 2, 3]);
  });

  it('answers the position of its last event, and positions rise with the log', async () => {
    const stream = newStream();
    const first = await append(stream, newEvents(3), { expectedRevision: 'no_stream' });
    const second = await append(stream, newEvents(1), { expectedRevision: 2n });
    const all = await collect(connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 20 }));
    const own = all.flatMap(({ event }) => (event?.streamId === stream ? [event.position] : [])).reverse();
    expect(own.map(({ commit, prepare }) => commit === prepare)).toEqual([true, true, true, true]);
    expect(own.every(({ commit }, n) => n === 0 || commit > (own[n - 1]?.commit ?? 0n))).toBe(true);
    if (first.position !== undefined) expect([first.position, second.position]).toEqual([own[2], own[3]]);
  });

  it('asked of the leader is answered by the node, which leads', async () => {
    const appended = await append(newStream(), newEvents(1), { expectedRevision: 'no_stream', requiresLeader: true });
    expect(appended.nextExpectedRevision).toBe(0n);
  });

  it('of several MiB at once is refused, not cut off, and the next one is written', async () => {
    const stream = newStream();
    const huge = jsonEvent({ type: 'Huge', data: { text: 'x'.repeat(8 * 1024 * 1024) } });
    await expect(append(stream, [huge], { expectedRevision: 'any' })).rejects.toThrow(MaxAppendSizeExceededError);
    expect((await append(stream, newEvents(1), { expectedRevision: 'no_stream' })).nextExpectedRevision).toBe(0n);
  });

  it('with STREAM_EXISTS is one append when it is repeated soon', async () => {
    const stream = await streamOf(connection.client, 1);
    const events = newEvents(2);
    const first = await append(stream, events, { expectedRevision: 'stream_exists' });
    const again = await append(stream, events, { expectedRevision: 'stream_exists' });
    expect(again.nextExpectedRevision).toBe(first.nextExpectedRevision);
    expect(await revisionsOf(stream)).toEqual([0, 1, 2]);
  });

  it('at an exact revision is answered as the first time when it is repeated, also after others have appended', async () => {
    const stream = await streamOf(connection.client, 2);
    const events = newEvents(2);
    await append(stream, events, { expectedRevision: 1n });
    await append(stream, newEvents(3), { expectedRevision: 3n });
    expect((await append(stream, events, { expectedRevision: 1n })).nextExpectedRevision).toBe(3n);
    expect(await conflictOf(append(stream, [...events].reverse(), { expectedRevision: 1n }))).toEqual({ expected: 1n, actual: 6n });
    expect(await revisionsOf(stream)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('needs the name of a stream', async () => {
    await expect(append('', newEvents(1), { expectedRevision: 'any' })).rejects.toThrow(UnknownError);
  });
});

describe('an append by a single call', () => {
  it('of an event without a type is refused', async () => {
    const event = { ...newEvent(), type: '' };
    await expect(connection.client.appendToStream(newStream(), [event], ways[1].options)).rejects.toThrow(UnknownError);
  });
});

describe('a client that does not want a conflict thrown', () => {
  it.each([
    ['is told 1 on the batch stream, whatever the revision', ways[0].options, 1n],
    ['is told the real revision by the single call', ways[1].options, 2n],
  ])('%s', async (_name, options, expected) => {
    const stream = await streamOf(connection.client, 3);
    const lenient = EventStoreDBClient.connectionString(`${connection.url}&throwOnAppendFailure=false`);
    onTestFinished(() => lenient.dispose());
    const answer = await lenient.appendToStream(stream, newEvents(1), { ...options, expectedRevision: 7n });
    expect(answer).toMatchObject({ success: false, nextExpectedRevision: expected });
  });
});

describe('many appends at once', () => {
  it('on one stream at the same revision: exactly one is written', async () => {
    const stream = await streamOf(connection.client, 1);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => connection.client.appendToStream(stream, [newEvent(n)], { expectedRevision: 0n })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await revisionsOf(stream)).toEqual([0, 1]);
  });

  it('10,000 in one turn are all answered within their deadline of 10 s, and positions rise with the log', async () => {
    const prefix = newStream();
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, n) =>
        connection.client.appendToStream(`${prefix}${n}`, [newEvent(n)], { expectedRevision: 'no_stream' }),
      ),
    );
    expect(answers.every(({ nextExpectedRevision }) => nextExpectedRevision === 0n)).toBe(true);
    const positions = answers.flatMap(({ position }) => (position === undefined ? [] : [position.commit]));
    expect(new Set(positions).size).toBe(positions.length);
  });

  it('are answered only when they can be read', async () => {
    const stream = newStream();
    for (let n = 0; n < 50; n++) {
      await connection.client.appendToStream(stream, [newEvent(n)], { expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1) });
      const [last] = await collect(connection.client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }));
      expect(last?.event?.revision).toBe(BigInt(n));
    }
  });
});
