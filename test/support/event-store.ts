// An event store for one test: the embedded node in memory, over the wire, and wrappers that make it misbehave on purpose.

import { createEventNode } from '../../src/adapters/embedded/event-node/event-node.js';
import { connectEventStore } from '../../src/adapters/eventstore/event-store.js';
import type { EventStore } from '../../src/domain/log/event-store.js';

export interface TestEventStore extends EventStore {
  readonly url: string;
  close(): Promise<void>;
}

/** A node of its own and a connection to it. */
export async function freshEventStore(): Promise<TestEventStore> {
  const node = await createEventNode({});
  const store = connectEventStore({ url: node.url });
  return {
    url: node.url,
    append: (stream, events, expected) => store.append(stream, events, expected),
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: (options) => store.readAll(options),
    follow: (options) => store.follow(options),
    setMetadata: (stream, metadata) => store.setMetadata(stream, metadata),
    close: async () => {
      await store.close();
      await node.close();
    },
  };
}

/** The store with some of its operations replaced. */
export const withFaults = (store: EventStore, faults: Partial<EventStore>): EventStore => ({
  append: (stream, events, expected) => store.append(stream, events, expected),
  readStream: (stream, options) => store.readStream(stream, options),
  readAll: (options) => store.readAll(options),
  follow: (options) => store.follow(options),
  setMetadata: (stream, metadata) => store.setMetadata(stream, metadata),
  ...faults,
});

/** All events of a stream, or of whatever else is read. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
