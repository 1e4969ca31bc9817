// How clients find the node: by its address, or by asking the cluster that it says it is.

import { EventStoreDBClient } from '@eventstore/db-client';
import { expect, it, onTestFinished } from 'vitest';
import { createEventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { collect, newEvents } from './connection.js';

it('a client that discovers finds a leader at the address that it asked', async () => {
  const node = await createEventNode({});
  const client = EventStoreDBClient.connectionString(
    node.url.replace('esdb://', 'esdb+discover://').concat('&nodePreference=leader'),
  );
  onTestFinished(async () => {
    await client.dispose();
    await node.close();
  });
  await client.appendToStream('order-1', newEvents(2), { expectedRevision: 'no_stream' });
  expect(await collect(client.readStream('order-1'))).toHaveLength(2);
});

it('a node says how it is reached, and a second one on its port is refused', async () => {
  const node = await createEventNode({ host: '127.0.0.1' });
  onTestFinished(() => node.close());
  expect(node.url).toBe(`esdb://127.0.0.1:${node.port}?tls=false`);
  await expect(createEventNode({ port: node.port })).rejects.toThrow(`cannot listen on 127.0.0.1:${node.port}: the port is taken`);
});
