// What the protocol tests talk to: a node of their own in memory, or the server at EVENTSTORE_URL. Nothing is assumed of the log but that
// it works, so every test has streams of its own.

import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, WrongExpectedVersionError } from '@eventstore/db-client';
import { createEventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';

export interface Connection {
  readonly url: string;
  readonly client: EventStoreDBClient;
  close(): Promise<void>;
}

/** Connects the official client. */
export async function connect(): Promise<Connection> {
  const given = process.env.EVENTSTORE_URL;
  const node = given === undefined ? await createEventNode({}) : undefined;
  const url = node?.url ?? given ?? '';
  const client = EventStoreDBClient.connectionString(url);
  return {
    url,
    client,
    async close() {
      await client.dispose();
      await node?.close();
    },
  };
}

export const newStream = (category = 'order'): string => `${category}_${randomUUID().replaceAll('-', '')}-1`;

export const newEvent = (n = 0, id: string = randomUUID()) =>
  jsonEvent({ id, type: 'Counted', data: { n }, metadata: { from: 'test' } });

export const newEvents = (count: number) => Array.from({ length: count }, (_, n) => newEvent(n));

/** The two ways to append: the batch stream, and the single call, which the client takes when a call carries credentials. */
export const ways = [
  { way: 'on the batch stream', options: {} },
  { way: 'by a single call', options: { credentials: { username: 'admin', password: 'changeit' } } },
] as const;

/** A stream that holds so many events. */
export async function streamOf(client: EventStoreDBClient, count: number): Promise<string> {
  const stream = newStream();
  await client.appendToStream(stream, newEvents(count), { expectedRevision: 'no_stream' });
  return stream;
}

/** How an append was refused: what was expected, and what there was. */
export async function conflictOf(append: Promise<unknown>) {
  const error: unknown = await append.then(
    () => new Error('The append succeeded.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof WrongExpectedVersionError)) throw error;
  return { expected: error.expectedVersion, actual: error.actualVersion };
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
