// What the node serves: which method of which service is answered by what, on one port.

import { appendHandler, batchAppendHandler } from './append-calls.js';
import { createAppender } from './appender.js';
import { gossipHandler, supportedMethodsHandler } from './discovery.js';
import { type Credentials, createGate, guarded } from './gate.js';
import type { Handler } from './grpc/methods.js';
import { createGrpcServer } from './grpc/server.js';
import { healthListener } from './health.js';
import type { Journal } from './journal.js';
import { statsHandler } from './monitoring.js';
import { createOpenCalls } from './open-calls.js';
import { refusedOperations, type ScavengeOptions, scavengeHandler } from './operations.js';
import { openPort, type TlsFiles } from './port.js';
import { readHandler } from './reading.js';
import { refusedServices, refusing } from './refusals.js';
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

/** Serves the journal. @throws Unavailable if the address cannot be had */
export async function listen(journal: Journal, options: ListenOptions): Promise<ListeningServer> {
  const calls = createOpenCalls();
  const appender = createAppender(journal);
  const gate = createGate(options.credentials);
  const methods = new Map<string, Handler>();
  const serve = (service: string, handlers: Readonly<Record<string, Handler>>): void => {
    for (const [method, handler] of Object.entries(handlers)) methods.set(`/event_store.client.${service}/${method}`, handler);
  };
  serve('streams.Streams', {
    Read: guarded(gate, readHandler(journal, publicationsOf(journal), calls)),
    Append: guarded(gate, appendHandler(appender)),
    BatchAppend: batchAppendHandler(appender, journal, calls, gate),
    Delete: guarded(gate, deleteHandler(appender)),
    Tombstone: guarded(gate, tombstoneHandler(appender)),
  });
  serve('monitoring.Monitoring', { Stats: guarded(gate, statsHandler(journal, calls)) });
  serve('operations.Operations', { StartScavenge: guarded(gate, scavengeHandler(options)) });
  for (const [method, feature] of Object.entries(refusedOperations))
    serve('operations.Operations', { [method]: refusing(feature) });
  for (const { name, methods: refused, feature } of refusedServices)
    for (const method of refused) serve(name, { [method]: refusing(feature) });
  // Before it says who it is, a client cannot know whom it talks to: these two answer anybody.
  serve('server_features.ServerFeatures', { GetSupportedMethods: supportedMethodsHandler });
  serve('gossip.Gossip', { Read: gossipHandler(options.host, () => port) });

  const server = createGrpcServer({ methods, receiveBytes: RECEIVE_BYTES });
  const { host, tls } = options;
  const open = await openPort({ host, port: options.port, tls }, server.accept, healthListener(journal));
  const { port } = open;
  return {
    port,
    close() {
      calls.endAll();
      open.close();
      return server.close(CLOSE_WITHIN_MS);
    },
  };
}
