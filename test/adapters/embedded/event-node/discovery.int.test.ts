// How clients find the node: by its address, or by asking the cluster that it says it is.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it('a client that discovers a node which listens everywhere is told the address that it has dialled', async () => {
  const node = await createEventNode({ host: '0.0.0.0' });
  const client = EventStoreDBClient.connectionString(`esdb+discover://localhost:${node.port}?tls=false`);
  onTestFinished(async () => {
    await client.dispose();
    await node.close();
  });
  await client.appendToStream('order-1', newEvents(2), { expectedRevision: 'no_stream' });
  expect(await collect(client.readStream('order-1'))).toHaveLength(2);
});

it('a node starts inside a test, in memory or in a folder, serves at once, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'event-node-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const options of [{}, { dataDir: folder }, {}, { dataDir: folder }]) {
    const node = await createEventNode(options);
    const client = EventStoreDBClient.connectionString(node.url);
    await client.appendToStream('order-1', newEvents(1));
    await client.dispose();
    await node.close();
    await expect(fetch(`http://127.0.0.1:${node.port}/ping`)).rejects.toThrow();
  }
});

it('a node says how it is reached, and a second one on its port is refused', async () => {
  const node = await createEventNode({ host: '127.0.0.1' });
  onTestFinished(() => node.close());
  expect(node.url).toBe(`esdb://127.0.0.1:${node.port}?tls=false`);
  await expect(createEventNode({ port: node.port })).rejects.toThrow(`cannot listen on 127.0.0.1:${node.port}: the port is taken`);
});
