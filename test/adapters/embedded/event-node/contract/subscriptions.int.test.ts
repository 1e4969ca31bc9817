// Subscriptions over the wire. The same promises hold on a real EventStoreDB (set EVENTSTORE_URL).

import { END, eventTypeFilter, type Filter, jsonEvent, START, streamNameFilter } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../support/condition.js';
import { type Connection, collect, connect, newEvent, newEvents, newStream, streamOf } from '../connection.js';

let connection: Connection;
beforeAll(async () => {
  connection = await connect();
});
afterAll(() => connection.close());

type Subscription = ReturnType<Connection['client']['subscribeToAll'] | Connection['client']['subscribeToStream']>;

/** What a subscription has said so far, in order: `stream@revision` for an event. */
function record(subscription: Subscription) {
  const seen: string[] = [];
  subscription.on('confirmation', () => seen.push('confirmation'));
  subscription.on('caughtUp', () => seen.push('caught up'));
  subscription.on('error', (error) => seen.push(`error: ${error.message}`));
  subscription.on('data', ({ event }) => seen.push(`${event?.streamId}@${event?.revision}`));
  return seen;
}

const append = (stream: string, count = 1) =>
  connection.client.appendToStream(stream, newEvents(count), { expectedRevision: 'any' });
const times = (count: number, text: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => text(n));

describe('a subscription to a stream', () => {
  it('delivers confirmation, history, one caught-up, then what is new, without gap or double', async () => {
    const stream = await streamOf(connection.client, 300);
    const subscription = connection.client.subscribeToStream(stream);
    const seen = record(subscription);
    const appending = (async () => {
      for (let n = 0; n < 100; n++) await append(stream);
    })();
    await eventually(() => seen.includes(`${stream}@399`));
    await appending;
    const history = seen.indexOf('caught up');
    expect(seen[0]).toBe('confirmation');
    expect(history).toBeGreaterThan(300);
    expect(seen.filter((text) => text.includes('@'))).toEqual(times(400, (n) => `${stream}@${n}`));
    expect(seen.filter((text) => text === 'caught up')).toHaveLength(1);
    await subscription.unsubscribe();
  });

  it('begins behind the revision that it is given, or at the end', async () => {
    const stream = await streamOf(connection.client, 3);
    const [behind, end] = [
      connection.client.subscribeToStream(stream, { fromRevision: 1n }),
      connection.client.subscribeToStream(stream, { fromRevision: END }),
    ];
    const [fromBehind, fromEnd] = [record(behind), record(end)];
    await eventually(() => fromBehind.includes('caught up') && fromEnd.includes('caught up'));
    await append(stream);
    await eventually(() => fromBehind.includes(`${stream}@3`) && fromEnd.includes(`${stream}@3`));
    expect(fromBehind).toEqual(['confirmation', `${stream}@2`, 'caught up', `${stream}@3`]);
    expect(fromEnd).toEqual(['confirmation', 'caught up', `${stream}@3`]);
    await Promise.all([behind.unsubscribe(), end.unsubscribe()]);
  });

  it('may wait for a stream that does not exist yet', async () => {
    const stream = newStream();
    const subscription = connection.client.subscribeToStream(stream);
    const seen = record(subscription);
    await eventually(() => seen.includes('caught up'));
    await append(stream, 2);
    await eventually(() => seen.includes(`${stream}@1`));
    expect(seen).toEqual(['confirmation', 'caught up', `${stream}@0`, `${stream}@1`]);
    await subscription.unsubscribe();
  });
});

describe('a subscription to the whole log', () => {
  it('begins behind the position that it is given', async () => {
    const stream = await streamOf(connection.client, 1);
    const place = await new Promise<{ commit: bigint; prepare: bigint }>((resolve) => {
      const first = connection.client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [stream] }) });
      first.once('data', ({ event }) => {
        if (event !== undefined) resolve(event.position);
        void first.unsubscribe();
      });
    });
    const subscription = connection.client.subscribeToAll({
      fromPosition: place,
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    const seen = record(subscription);
    await append(stream, 2);
    await eventually(() => seen.includes(`${stream}@2`));
    expect(seen.filter((text) => text.includes('@'))).toEqual([`${stream}@1`, `${stream}@2`]);
    await subscription.unsubscribe();
  });

  const mine = newStream('mine');
  const type = `Odd${mine.slice(5, 13)}`;
  it.each([
    ['prefixes of stream names', streamNameFilter({ prefixes: ['nobody-', mine] }), [`${mine}@0`, `${mine}@1`, `${mine}@2`]],
    ['a regular expression on stream names', streamNameFilter({ regex: `^${mine}$` }), [`${mine}@0`, `${mine}@1`, `${mine}@2`]],
    ['prefixes of event types', eventTypeFilter({ prefixes: [type] }), [`${mine}@1`]],
    ['a regular expression on event types', eventTypeFilter({ regex: `^${type}$` }), [`${mine}@1`]],
  ] satisfies [string, Filter, string[]][])('filters by %s, in history and live', async (_name, filter, expected) => {
    const live = connection.client.subscribeToAll({ fromPosition: END, filter });
    const liveSeen = record(live);
    await eventually(() => liveSeen.includes('caught up'));
    const events = [newEvent(), jsonEvent({ type, data: {} }), newEvent()];
    const from = await connection.client.appendToStream(mine, events, { expectedRevision: 'any' });
    const first = Number(from.nextExpectedRevision) - 2;
    const shifted = expected.map((text) => `${mine}@${first + Number(text.split('@')[1])}`);
    await eventually(() => shifted.every((text) => liveSeen.includes(text)));
    expect(liveSeen).toEqual(['confirmation', 'caught up', ...shifted]);
    const history = connection.client.subscribeToAll({ fromPosition: START, filter });
    const seen = record(history);
    await eventually(() => seen.includes('caught up'));
    expect(seen.slice(-1 - shifted.length)).toEqual([...shifted, 'caught up']);
    await Promise.all([live.unsubscribe(), history.unsubscribe()]);
  });

  it('tells by checkpoints how far it has looked, also where nothing matches', async () => {
    const reached: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: ['nothing-has-this-name'],
      checkpointInterval: 2,
      checkpointReached: async (_subscription, position) => void reached.push(position.commit),
    });
    const subscription = connection.client.subscribeToAll({ fromPosition: START, filter });
    const seen = record(subscription);
    await eventually(() => seen.includes('caught up'));
    const before = reached.length;
    const stream = newStream();
    for (let n = 0; n < 4; n++) await append(stream, 64);
    await eventually(() => reached.length >= before + 4);
    expect(reached).toEqual(reached.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(seen).toEqual(['confirmation', 'caught up']);
    await subscription.unsubscribe();
  });

  it('hears of a checkpoint at least once in so many events that were considered, and at the end of the history', async () => {
    const stream = await streamOf(connection.client, 70);
    const said: (bigint | 'caught up')[] = [];
    const filter = streamNameFilter({
      prefixes: ['nothing-has-this-name'],
      maxSearchWindow: 32,
      checkpointInterval: 1,
      checkpointReached: async (_subscription, { commit }) => void said.push(commit),
    });
    const subscription = connection.client.subscribeToAll({ fromPosition: START, filter });
    subscription.on('caughtUp', () => said.push('caught up'));
    subscription.resume();
    await eventually(() => said.includes('caught up'));
    const history = said.indexOf('caught up');
    expect(history).toBeGreaterThanOrEqual(3);
    await append(stream, 96);
    await eventually(() => said.length >= history + 1 + 3);
    await subscription.unsubscribe();
    const positions = (await collect(connection.client.readAll())).flatMap(({ event }) => (event ? [event.position.commit] : []));
    const reached = said.flatMap((one) => (one === 'caught up' ? [] : [one]));
    expect(new Set(reached).size).toBe(reached.length);
    const between = reached.slice(1).map((to, n) => positions.filter((at) => at > (reached[n] ?? 0n) && at <= to).length);
    expect(Math.max(...between)).toBeLessThanOrEqual(32);
  });

  it('that begins at the end hears of no checkpoint before something was considered', async () => {
    const said: string[] = [];
    const filter = streamNameFilter({
      prefixes: ['nothing-has-this-name'],
      checkpointReached: async () => void said.push('checkpoint'),
    });
    const subscription = connection.client.subscribeToAll({ fromPosition: END, filter });
    subscription.on('caughtUp', () => said.push('caught up'));
    subscription.resume();
    await eventually(() => said.includes('caught up'));
    await append(newStream(), 40);
    await eventually(() => said.includes('checkpoint'));
    expect(said[0]).toBe('caught up');
    await subscription.unsubscribe();
  });

  it('reaches every one of many subscribers', async () => {
    const stream = newStream();
    const subscriptions = Array.from({ length: 20 }, () =>
      connection.client.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: [stream] }) }),
    );
    const seen = subscriptions.map(record);
    await eventually(() => seen.every((one) => one.includes('caught up')));
    for (let n = 0; n < 20; n++) await append(stream);
    await eventually(() => seen.every((one) => one.includes(`${stream}@19`)));
    for (const one of seen) expect(one.filter((text) => text.includes('@'))).toEqual(times(20, (n) => `${stream}@${n}`));
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  });

  it('of a reader that stops reading misses nothing when it goes on', async () => {
    const stream = newStream();
    const subscription = connection.client.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: [stream] }) });
    const seen = record(subscription);
    await eventually(() => seen.includes('caught up'));
    subscription.pause();
    const padded = (n: number) => jsonEvent({ type: 'Padded', data: { n, text: 'x'.repeat(100_000) } });
    for (let n = 0; n < 120; n++) await connection.client.appendToStream(stream, [padded(n)], { expectedRevision: 'any' });
    subscription.resume();
    await eventually(() => seen.includes(`${stream}@119`));
    expect(seen.filter((text) => text.includes('@'))).toEqual(times(120, (n) => `${stream}@${n}`));
    await subscription.unsubscribe();
  });
});
