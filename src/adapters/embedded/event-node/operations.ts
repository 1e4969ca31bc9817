// The Operations service: a scavenge, which takes from the disk what nobody can read any more. The others are for clusters, or for
// whoever runs the process.

import { randomUUID } from 'node:crypto';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import type { sendUnaryData } from '@grpc/grpc-js';
import type { Scavenged } from './scavenge.js';

export interface ScavengeOptions {
  readonly scavenge: () => Promise<Scavenged>;
  /** Is told how a scavenge ended: whoever asked for it has its answer by then. */
  readonly log: (line: string) => void;
}

/** The handler of Operations.StartScavenge: as in EventStoreDB it answers when the scavenge has begun, or that one is running. */
export function scavengeHandler({ scavenge, log }: ScavengeOptions) {
  let id = '';
  let running = false;

  async function run(): Promise<void> {
    running = true;
    try {
      const { events, bytes, segments } = await scavenge();
      log(`A scavenge has removed ${events} events (${bytes} bytes) from ${segments} segments.`);
    } catch (error) {
      log(`A scavenge did not end well: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      running = false;
    }
  }

  return (_call: object, respond: sendUnaryData<operations.ScavengeResp>): void => {
    const { STARTED, INPROGRESS } = operations.ScavengeResp.ScavengeResult;
    const response = new operations.ScavengeResp();
    response.setScavengeResult(running ? INPROGRESS : STARTED);
    if (!running) {
      id = randomUUID();
      void run();
    }
    response.setScavengeId(id);
    respond(null, response);
  };
}

const features: Readonly<Record<string, string>> = {
  stopScavenge: 'stopping a scavenge',
  shutdown: 'being shut down over the network (send its process a SIGTERM)',
  mergeIndexes: 'merging of indexes',
  resignNode: 'clustering',
  setNodePriority: 'clustering',
  restartPersistentSubscriptions: 'persistent subscriptions',
};

/** The feature behind a call of this service that is refused. */
export const unsupportedOperation = (method: string): string => features[method] ?? method;
