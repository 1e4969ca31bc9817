// The gRPC server: which service answers what. Requests and answers of the hot calls pass as bytes; the node decodes and encodes them
// itself.

import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { appendHandler, batchAppendHandler } from './append-calls.js';
import { createAppender } from './appender.js';
import { gossipHandler, supportedMethodsHandler } from './discovery.js';
import { type Credentials, createGate, guardAnswer, guardStream } from './gate.js';
import { healthListener } from './health.js';
import type { Journal } from './journal.js';
import { statsHandler } from './monitoring.js';
import { createOpenCalls } from './open-calls.js';
import { type ScavengeOptions, scavengeHandler, unsupportedOperation } from './operations.js';
import { openPort, type TlsFiles } from './port.js';
import { readHandler } from './reading.js';
import { refusal, refusedServices, refusingOthers } from './refusals.js';
import { deleteHandler, tombstoneHandler } from './removal-calls.js';
import { publicationsOf } from './subscribe.js';

export interface ListenOptions extends ScavengeOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface ListeningServer {
  readonly port: number;
  /** Ends every call and stops listening. */
  close(): Promise<void>;
}

/** As in EventStoreDB: well above the limit of an append, so that too large a one is answered and not cut off. */
const RECEIVE_BYTES = 17 * 1024 * 1024;
const CLOSE_WITHIN_MS = 1000;

const asIs = (bytes: Buffer): Buffer => bytes;

/** Serves the journal. @throws Unavailable if the address cannot be had */
export async function listen(journal: Journal, options: ListenOptions): Promise<ListeningServer> {
  const calls = createOpenCalls();
  const appender = createAppender(journal);
  const gate = createGate(options.credentials);
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_BYTES, 'grpc.enable_channelz': 0 });
  server.addService(
    {
      read: { ...StreamsService.read, responseSerialize: asIs },
      append: { ...StreamsService.append, requestDeserialize: asIs },
      batchAppend: { ...StreamsService.batchAppend, requestDeserialize: asIs, responseSerialize: asIs },
      delete: StreamsService.delete,
      tombstone: StreamsService.tombstone,
    },
    {
      read: guardStream(gate, readHandler(journal, publicationsOf(journal), calls)),
      append: guardAnswer(gate, appendHandler(appender)),
      batchAppend: batchAppendHandler(appender, journal, calls, gate),
      delete: guardAnswer(gate, deleteHandler(appender)),
      tombstone: guardAnswer(gate, tombstoneHandler(appender)),
    },
  );
  server.addService(MonitoringService, { stats: guardStream(gate, statsHandler(journal, calls)) });
  const startScavenge = guardAnswer(gate, scavengeHandler(options));
  server.addService(OperationsService, refusingOthers(OperationsService, unsupportedOperation, { startScavenge }));
  for (const service of refusedServices) server.addService(...refusal(service));
  // Before it says who it is, a client cannot know whom it talks to: these two answer anybody.
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler });
  server.addService(GossipService, { read: gossipHandler(options.host, () => port) });

  const connections = server.createConnectionInjector(ServerCredentials.createInsecure());
  const { host, tls } = options;
  const open = await openPort(
    { host, port: options.port, tls },
    (socket) => connections.injectConnection(socket),
    healthListener(journal),
  );
  const { port } = open;
  return {
    port,
    close() {
      calls.endAll();
      open.close();
      return new Promise((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), CLOSE_WITHIN_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}
