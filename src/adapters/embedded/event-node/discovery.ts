// How a client finds out whom it talks to: the methods that are served, and a cluster of one.

import { randomUUID } from 'node:crypto';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { type Handler, unary } from './grpc/methods.js';

const METHODS: readonly (readonly [service: string, ...methods: string[]])[] = [
  ['event_store.client.streams.streams', 'read', 'append', 'batchappend', 'delete', 'tombstone'],
  ['event_store.client.gossip.gossip', 'read'],
  ['event_store.client.monitoring.monitoring', 'stats'],
  ['event_store.client.operations.operations', 'startscavenge'],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods'],
];
/** The server whose protocol this follows. */
const VERSION = '24.2.0';

/** The handler of ServerFeatures.GetSupportedMethods. Names are lower case, as the client compares them. */
export const supportedMethodsHandler: Handler = unary(shared.Empty.deserializeBinary, () => {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(VERSION);
  for (const [service, ...names] of METHODS)
    for (const name of names) {
      const method = new features.SupportedMethod();
      method.setServiceName(service);
      method.setMethodName(name);
      supported.addMethods(method);
    }
  return supported;
});

/** The handler of Gossip.Read: one leader, at the address that the caller has dialled. */
export function gossipHandler(host: string, port: () => number): Handler {
  const id = new shared.UUID();
  id.setString(randomUUID());
  return unary(shared.Empty.deserializeBinary, (_request, { headers }) => {
    const dialled = addressOf(headers[':authority'] ?? '');
    const address = new gossip.EndPoint();
    address.setAddress(dialled?.host ?? host);
    address.setPort(dialled?.port ?? port());
    const member = new gossip.MemberInfo();
    member.setInstanceId(id);
    member.setTimeStamp(`${Date.now()}0000`);
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(address);
    const cluster = new gossip.ClusterInfo();
    cluster.addMembers(member);
    return cluster;
  });
}

/** What the caller has dialled reaches the node; what the node listens on (all addresses, say) may not. */
function addressOf(authority: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(authority) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}
