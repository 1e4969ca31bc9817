// The contract over the wire: against the embedded event node, or against the EventStoreDB that EVENTSTORE_URL names.

import { describe } from 'vitest';
import { createEventNode } from '../../../src/adapters/embedded/event-node/event-node.js';
import { connectEventStore } from '../../../src/adapters/eventstore/event-store.js';
import { type ClosableEventStore, eventStoreContract } from './event-store.contract.js';

const { EVENTSTORE_URL: url } = process.env;

async function connectToNode(): Promise<ClosableEventStore> {
  const node = await createEventNode({});
  const store = connectEventStore({ url: node.url });
  return {
    ...store,
    async close() {
      await store.close();
      await node.close();
    },
  };
}

describe(url === undefined ? 'the embedded event node' : 'EventStoreDB', () => {
  eventStoreContract(url === undefined ? connectToNode : async () => connectEventStore({ url }));
});
