// The services beside streams: what is served of them, and that what is not says so in a sentence.

import {
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client';
import { MonitoringClient } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import monitoring from '@eventstore/db-client/generated/monitoring_pb.js';
import { OperationsClient } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { UsersClient, UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import users from '@eventstore/db-client/generated/users_pb.js';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventNode, type EventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { eventually } from '../../../support/condition.js';
import { collect, newEvents, newStream } from './connection.js';

const lines: string[] = [];
let node: EventNode;
let client: EventStoreDBClient;
let monitoringClient: MonitoringClient;
let operationsClient: OperationsClient;
let usersClient: UsersClient;
beforeAll(async () => {
  node = await createEventNode({ log: (line) => lines.push(line) });
  client = EventStoreDBClient.connectionString(node.url);
  const address = `${node.host}:${node.port}`;
  const insecure = credentials.createInsecure();
  monitoringClient = new MonitoringClient(address, insecure);
  operationsClient = new OperationsClient(address, insecure);
  usersClient = new UsersClient(address, insecure);
});
afterAll(async () => {
  for (const one of [monitoringClient, operationsClient, usersClient]) one.close();
  await client.dispose();
  await node.close();
});

describe('what the node does not do is answered UNIMPLEMENTED, with a sentence that names it', () => {
  const sentence = (feature: string) =>
    new RegExp(`UNIMPLEMENTED: The embedded event node does not support ${feature}; an EventStoreDB does\\.`);

  it.each([
    [
      'creating a persistent subscription',
      () => client.createPersistentSubscriptionToStream('order-1', 'group', persistentSubscriptionToStreamSettingsFromDefaults()),
      'persistent subscriptions',
    ],
    [
      'following a persistent subscription',
      () => collect(client.subscribeToPersistentSubscriptionToStream('order-1', 'group')),
      'persistent subscriptions',
    ],
    [
      'deleting a persistent subscription',
      () => client.deletePersistentSubscriptionToStream('order-1', 'group'),
      'persistent subscriptions',
    ],
    ['creating a projection', () => client.createProjection('all', 'fromAll()'), 'projections'],
    ['the state of a projection', () => client.getProjectionState('all'), 'projections'],
    ['enabling a projection', () => client.enableProjection('all'), 'projections'],
  ] satisfies [string, () => Promise<unknown>, string][])('%s', async (_name, call, feature) => {
    await expect(call()).rejects.toThrow(sentence(feature));
  });

  it('a persistent subscription to the whole log: the client knows beforehand', async () => {
    const creating = client.createPersistentSubscriptionToAll('group', persistentSubscriptionToAllSettingsFromDefaults());
    await expect(creating).rejects.toThrow(/requires server version|UNIMPLEMENTED/);
  });

  it.each([
    ['shutdown', 'being shut down over the network'],
    ['mergeIndexes', 'merging of indexes'],
    ['resignNode', 'clustering'],
    ['restartPersistentSubscriptions', 'persistent subscriptions'],
  ] as const)('Operations.%s', async (method, feature) => {
    const error = await new Promise<ServiceError | null>((resolve) => operationsClient[method](new shared.Empty(), resolve));
    expect(error?.code).toBe(status.UNIMPLEMENTED);
    expect(error?.details).toContain(`does not support ${feature}`);
  });

  it.each([
    [PersistentSubscriptionsService, 'persistent subscriptions'],
    [ProjectionsService, 'projections'],
    [UsersService, 'the management of users'],
  ] as const)('all calls of a service that there are, whatever kind they are', async (service, feature) => {
    const raw = new Client(`${node.host}:${node.port}`, credentials.createInsecure());
    const asIs = (bytes: Buffer): Buffer => bytes;
    for (const { path } of Object.values(service)) {
      const error = await new Promise<ServiceError | null>((resolve) =>
        raw.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (reason) => resolve(reason)),
      );
      expect([path, error?.code, error?.details]).toEqual([
        path,
        status.UNIMPLEMENTED,
        expect.stringContaining(`support ${feature};`),
      ]);
    }
    raw.close();
  });

  it('the management of users', async () => {
    const error = await new Promise<ServiceError>((resolve) => {
      usersClient.details(new users.DetailsReq()).once('error', (reason: ServiceError) => resolve(reason));
    });
    expect(error.code).toBe(status.UNIMPLEMENTED);
    expect(error.details).toContain('does not support the management of users');
  });
});

describe('what the node does beside streams', () => {
  it('says again and again how it is', async () => {
    await client.appendToStream(newStream(), newEvents(3), { expectedRevision: 'no_stream' });
    const request = new monitoring.StatsReq();
    request.setRefreshTimePeriodInMs('100');
    const call = monitoringClient.stats(request);
    const told: Map<string, string>[] = [];
    call.on('data', (stats: monitoring.StatsResp) => told.push(new Map(stats.getStatsMap().getEntryList())));
    call.on('error', () => undefined);
    await eventually(() => told.length >= 3);
    call.cancel();
    expect(told[0]?.get('proc-id')).toBe(String(process.pid));
    expect(Number(told[0]?.get('proc-mem'))).toBeGreaterThan(0);
    expect(Number(told[0]?.get('es-events'))).toBeGreaterThanOrEqual(3);
  });

  it('starts a scavenge, answers at once, and says when it has ended', async () => {
    const response = await new Promise<operations.ScavengeResp>((resolve, reject) => {
      operationsClient.startScavenge(new operations.StartScavengeReq(), (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
    expect(response.getScavengeResult()).toBe(operations.ScavengeResp.ScavengeResult.STARTED);
    expect(response.getScavengeId()).toMatch(/^[0-9a-f-]{36}$/);
    await eventually(() => lines.some((line) => line.startsWith('A scavenge has removed ')));
  });
});
