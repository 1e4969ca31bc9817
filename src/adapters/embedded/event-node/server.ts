// The gRPC server: which service answers what, and on which address. Requests and answers of the hot calls pass as bytes; the node decodes
// and encodes them itself.

import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { Unavailable } from '../../../domain/log/errors.js';
import { appendHandler, batchAppendHandler } from './append-calls.js';
import { createAppender } from './appender.js';
import { unsupported } from './call-error.js';
import { gossipHandler, supportedMethodsHandler } from './discovery.js';
import type { Journal } from './journal.js';
import { createOpenCalls } from './open-calls.js';
import { readHandler } from './reading.js';
import { publicationsOf } from './subscribe.js';

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
export async function listen(journal: Journal, host: string, wantedPort: number): Promise<ListeningServer> {
  const calls = createOpenCalls();
  const appender = createAppender(journal);
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_BYTES });
  server.addService(
    {
      read: { ...StreamsService.read, responseSerialize: asIs },
      append: { ...StreamsService.append, requestDeserialize: asIs },
      batchAppend: { ...StreamsService.batchAppend, requestDeserialize: asIs, responseSerialize: asIs },
      delete: StreamsService.delete,
      tombstone: StreamsService.tombstone,
    },
    {
      read: readHandler(journal, publicationsOf(journal), calls),
      append: appendHandler(appender),
      batchAppend: batchAppendHandler(appender, journal, calls),
      delete: refuse('deleting streams'),
      tombstone: refuse('tombstones'),
    },
  );
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler });
  server.addService(GossipService, { read: gossipHandler(host, () => port) });
  const port = await bind(server, host, wantedPort);
  return {
    port,
    close() {
      calls.endAll();
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

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) return resolve(bound);
      const reason = error.message.includes('EADDRINUSE') ? 'the port is taken by another process' : error.message;
      reject(new Unavailable(`The event node cannot listen on ${address}: ${reason}.`));
    });
  });
}

const refuse = (what: string) => (_call: unknown, respond: sendUnaryData<never>) => respond(unsupported(what));
