// TLS, credentials, and HTTP beside gRPC on one port.

import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { AccessDeniedError, EventStoreDBClient, StreamNotFoundError } from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { MonitoringClient } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import monitoring from '@eventstore/db-client/generated/monitoring_pb.js';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials as grpcCredentials, status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEventNode, type EventNode, type EventNodeOptions } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { collect, newEvents, newStream } from './connection.js';

const certificatePath = fileURLToPath(new URL('../../../fixtures/tls/localhost.crt', import.meta.url));
const certificate = readFileSync(certificatePath);
const key = readFileSync(fileURLToPath(new URL('../../../fixtures/tls/localhost.key', import.meta.url)));
const credentials = { user: 'ops', password: 'sésame: ouvre-toi' };
const given = { username: credentials.user, password: credentials.password };

async function startNode(options: EventNodeOptions): Promise<EventNode> {
  const node = await createEventNode(options);
  onTestFinished(() => node.close());
  return node;
}

function clientOf(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  onTestFinished(() => client.dispose());
  return client;
}

const secureUrl = ({ port }: EventNode): string => `esdb://localhost:${port}?tls=true&tlsCAFile=${certificatePath}`;

describe('with TLS', () => {
  it('the client appends, reads and follows as without', async () => {
    const node = await startNode({ tls: { certificate, key } });
    const client = clientOf(secureUrl(node));
    const stream = newStream();
    await client.appendToStream(stream, newEvents(100), { expectedRevision: 'no_stream' });
    expect(await collect(client.readStream(stream))).toHaveLength(100);
    const subscription = client.subscribeToStream(stream);
    const seen: unknown[] = [];
    subscription.on('data', ({ event }) => seen.push(event?.revision));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    expect(seen).toHaveLength(100);
    await subscription.unsubscribe();
  });

  it('a client that does not encrypt is not served', async () => {
    const node = await startNode({ tls: { certificate, key } });
    const client = clientOf(`esdb://localhost:${node.port}?tls=false`);
    await expect(client.appendToStream(newStream(), newEvents(1))).rejects.toThrow(/UNAVAILABLE/);
  });

  it('health is asked over HTTPS on the same port', async () => {
    const node = await startNode({ tls: { certificate, key } });
    const code = await new Promise((resolve, reject) => {
      const options = { host: 'localhost', port: node.port, path: '/health/live', ca: certificate };
      httpsRequest(options, (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(code).toBe(204);
  });
});

describe('with credentials', () => {
  const guarded = () => startNode({ tls: { certificate, key }, credentials });

  it('whoever gives them, by the connection or by the call, may do everything', async () => {
    const node = await guarded();
    const password = encodeURIComponent(credentials.password);
    const client = clientOf(secureUrl(node).replace('esdb://', `esdb://${credentials.user}:${password}@`));
    const stream = newStream();
    await client.appendToStream(stream, newEvents(1), { expectedRevision: 'no_stream' });
    await client.appendToStream(stream, newEvents(1), { expectedRevision: 0n, credentials: given });
    expect(await collect(client.readStream(stream))).toHaveLength(2);
    await client.deleteStream(stream);
    await expect(collect(client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  });

  const calls: [string, (client: EventStoreDBClient, options: { credentials?: typeof given }) => Promise<unknown>][] = [
    ['an append', (client, options) => client.appendToStream(newStream(), newEvents(1), options)],
    ['a read', (client, options) => collect(client.readStream('order-1', options))],
    ['a read of the log', (client, options) => collect(client.readAll(options))],
    ['a subscription', (client, options) => collect(client.subscribeToAll(options))],
    ['a delete', (client, options) => client.deleteStream('order-1', options)],
    ['a tombstone', (client, options) => client.tombstoneStream('order-1', options)],
  ];

  it.each(calls)('%s without them is denied access', async (_name, call) => {
    const client = clientOf(secureUrl(await guarded()));
    await expect(call(client, {})).rejects.toThrow(AccessDeniedError);
  });

  it.each(calls)('%s with a wrong password is not authenticated', async (_name, call) => {
    const client = clientOf(secureUrl(await guarded()));
    await expect(call(client, { credentials: { ...given, password: 'open' } })).rejects.toThrow(/UNAUTHENTICATED/);
  });

  it('an append without them is denied alone: the others of its batch stream are not touched', async () => {
    const client = clientOf(secureUrl(await guarded()));
    const results = await Promise.allSettled([1, 2].map(() => client.appendToStream(newStream(), newEvents(1))));
    for (const result of results)
      expect(result.status === 'rejected' ? result.reason : undefined).toBeInstanceOf(AccessDeniedError);
  });

  it('what a client needs to know whom it talks to is answered without them, and nothing else is', async () => {
    const node = await startNode({ credentials });
    const address = `127.0.0.1:${node.port}`;
    const insecure = grpcCredentials.createInsecure();
    const features = new ServerFeaturesClient(address, insecure);
    const gossip = new GossipClient(address, insecure);
    const stats = new MonitoringClient(address, insecure);
    onTestFinished(() => {
      for (const client of [features, gossip, stats]) client.close();
    });
    const empty = new shared.Empty();
    const methods = await new Promise<string[]>((resolve, reject) => {
      features.getSupportedMethods(empty, (error, supported) =>
        error === null ? resolve(supported.getMethodsList().map((method) => method.getMethodName())) : reject(error),
      );
    });
    expect(methods).toContain('batchappend');
    const members = await new Promise<number>((resolve, reject) => {
      gossip.read(empty, (error, cluster) => (error === null ? resolve(cluster.getMembersList().length) : reject(error)));
    });
    expect(members).toBe(1);
    const code = await new Promise((resolve) => {
      stats.stats(new monitoring.StatsReq()).on('error', (error: Error & { code?: number }) => resolve(error.code));
    });
    expect(code).toBe(status.PERMISSION_DENIED);
  });
});

describe('HTTP on the port of gRPC', () => {
  it.each([
    ['GET', '/health/live', 204, ''],
    ['GET', '/ping', 200, '{"msgTypeId":0,"text":"Ping request successfully handled"}'],
    ['HEAD', '/ping', 200, ''],
    ['GET', '/', 404, expect.stringContaining('/health/live')],
    ['POST', '/streams/order-1', 404, expect.stringContaining('gRPC')],
    ['POST', '/health/live', 405, expect.stringContaining('GET')],
  ])('%s %s is answered %i, before and after gRPC', async (method, path, code, body) => {
    const node = await startNode({});
    for (let round = 0; round < 2; round++) {
      const response = await fetch(`http://127.0.0.1:${node.port}${path}`, { method });
      expect([response.status, await response.text()]).toEqual([code, body]);
      await clientOf(node.url).appendToStream(newStream(), newEvents(1), { expectedRevision: 'no_stream' });
    }
  });

  it('what is neither is dropped, and what begins byte by byte is served', async () => {
    const node = await startNode({});
    const closed = (first: string[]): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectSocket(node.port, '127.0.0.1');
        let heard = '';
        socket.on('data', (bytes) => {
          heard += bytes.toString('latin1');
        });
        socket.once('close', () => resolve(heard));
        socket.once('error', () => undefined);
        const write = (): void => {
          const next = first.shift();
          if (next !== undefined) socket.write(next, () => setImmediate(write));
        };
        write();
      });
    expect(await closed(['\u0000\u0001nonsense\r\n\r\n'])).toContain('400 Bad Request');
    const request = 'GET /ping HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n';
    expect(await closed([...request])).toContain('200 OK');
    expect(await closed(['P', 'R', 'OPFIND / HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n'])).toContain('404 Not Found');
  });

  it('a connection that begins as HTTP/2 and goes on as nonsense harms nobody else', async () => {
    const node = await startNode({});
    const socket = connectSocket(node.port, '127.0.0.1');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(64, 0xff)]));
    await gone;
    await clientOf(node.url).appendToStream(newStream(), newEvents(1), { expectedRevision: 'no_stream' });
  });

  it('a node that closes does not wait for those who only look', async () => {
    const node = await createEventNode({});
    const socket = connectSocket(node.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => undefined);
    const gone = new Promise((resolve) => socket.once('close', resolve));
    await fetch(`http://127.0.0.1:${node.port}/ping`);
    await node.close();
    await gone;
  });
});
