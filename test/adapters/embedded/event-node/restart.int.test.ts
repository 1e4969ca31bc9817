// What a node knows again when it has been started anew on its folder.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BACKWARDS,
  binaryEvent,
  EventStoreDBClient,
  type ResolvedEvent,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEventNode, type EventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { collect, newEvent, newEvents } from './connection.js';

let folder: string;
let node: EventNode;
let client: EventStoreDBClient;

async function start(): Promise<void> {
  node = await createEventNode({ dataDir: folder });
  client = EventStoreDBClient.connectionString(node.url);
}
async function stop(): Promise<void> {
  await client.dispose();
  await node.close();
}
async function restart(): Promise<void> {
  await stop();
  await start();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-node-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

const read = async (stream: string): Promise<number[]> =>
  (await collect(client.readStream(stream))).map(({ event }) => Number(event?.revision));

it('an append that is repeated at its exact revision after a restart is answered as the first time', async () => {
  const events = newEvents(3);
  const first = await client.appendToStream('order-1', events, { expectedRevision: 'no_stream' });
  await restart();
  expect(await client.appendToStream('order-1', events, { expectedRevision: 'no_stream' })).toEqual(first);
  expect(await read('order-1')).toEqual([0, 1, 2]);
});

it('what was deleted stays deleted after a restart, and comes back with the next revision', async () => {
  await client.appendToStream('order-1', newEvents(3), { expectedRevision: 'no_stream' });
  await client.setStreamMetadata('order-1', { owner: 'sales' });
  await client.deleteStream('order-1');
  await restart();
  await expect(read('order-1')).rejects.toThrow(StreamNotFoundError);
  await client.appendToStream('order-1', [newEvent()], { expectedRevision: 'no_stream' });
  expect(await read('order-1')).toEqual([3]);
  await restart();
  expect(await read('order-1')).toEqual([3]);
});

it('what was deleted for good is so after a restart', async () => {
  await client.appendToStream('order-1', newEvents(3), { expectedRevision: 'no_stream' });
  await client.tombstoneStream('order-1');
  await restart();
  await expect(read('order-1')).rejects.toThrow(StreamDeletedError);
  await expect(client.appendToStream('order-1', [newEvent()])).rejects.toThrow(StreamDeletedError);
});

it('what was deleted by metadata of one’s own comes back with the rest of that metadata, also when it must be read from the disk', async () => {
  await client.appendToStream('order-1', newEvents(2), { expectedRevision: 'no_stream' });
  const data = Buffer.from('{"owner":"sales","$tb":9223372036854775807}');
  await client.appendToStream('$$order-1', [binaryEvent({ type: '$metadata', data })], { expectedRevision: 'no_stream' });
  await restart();
  await expect(read('order-1')).rejects.toThrow(StreamNotFoundError);
  const answers = await Promise.all([
    client.appendToStream('order-1', [newEvent()], { expectedRevision: 'any' }),
    client.appendToStream('order-1', [newEvent()], { expectedRevision: 'any' }),
  ]);
  expect(answers.map(({ nextExpectedRevision }) => nextExpectedRevision).toSorted()).toEqual([2n, 3n]);
  expect(await read('order-1')).toEqual([2, 3]);
  expect((await client.getStreamMetadata('order-1')).metadata).toEqual({ owner: 'sales', truncateBefore: 2 });
});

it('a reader whose last event a scavenge has removed goes on behind it, also after a restart', async () => {
  for (let n = 0; n < 6; n++) await client.appendToStream(`order-${n % 2}`, [newEvent(n)]);
  const positions = (await collect(client.readAll())).flatMap(({ event }) => (event ? [event.position] : []));
  await client.setStreamMetadata('order-0', { truncateBefore: 2 });
  const at = positions[2] ?? { commit: 0n, prepare: 0n };
  const behind = async () => (await collect(client.readAll({ fromPosition: at }))).map(({ event }) => event?.data);
  const before = async () =>
    (await collect(client.readAll({ fromPosition: at, direction: BACKWARDS }))).map(({ event }) => event?.data);
  expect(await behind()).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }, { $tb: 2 }]);
  await node.scavenge();
  for (let round = 0; round < 2; round++) {
    expect(await behind()).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }, { $tb: 2 }]);
    expect(await before()).toEqual([{ n: 1 }]);
    const subscription = client.subscribeToAll({ fromPosition: at });
    const next = await new Promise<ResolvedEvent>((resolve) => subscription.once('data', resolve));
    expect(next.event?.data).toEqual({ n: 3 });
    await subscription.unsubscribe();
    await restart();
  }
});
