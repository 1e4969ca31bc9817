// The Operations service: a scavenge, which takes from the disk what nobody can read any more. The others are for clusters, or for
// whoever runs the process.

import { randomUUID } from 'node:crypto';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import { type Handler, unary } from './grpc/methods.js';
import type { Scavenged } from './scavenge.js';

export interface ScavengeOptions {
  readonly scavenge: () => Promise<Scavenged>;
  /** Is told how a scavenge ended: whoever asked for it has its answer by then. */
  readonly log: (line: string) => void;
}

/** The handler of Operations.StartScavenge: as in EventStoreDB it answers when the scavenge has begun, or that one is running. */
export function scavengeHandler({ scavenge, log }: ScavengeOptions): Handler {
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

  return unary(operations.StartScavengeReq.deserializeBinary, () => {
    const { STARTED, INPROGRESS } = operations.ScavengeResp.ScavengeResult;
    const response = new operations.ScavengeResp();
    response.setScavengeResult(running ? INPROGRESS : STARTED);
    if (!running) {
      id = randomUUID();
      void run();
    }
    response.setScavengeId(id);
    return response;
  });
}

/** The calls of this service that are refused, and the feature behind each. */
export const refusedOperations: Readonly<Record<string, string>> = {
  StopScavenge: 'stopping a scavenge',
  Shutdown: 'being shut down over the network (send its process a SIGTERM)',
  MergeIndexes: 'merging of indexes',
  ResignNode: 'clustering',
  SetNodePriority: 'clustering',
  RestartPersistentSubscriptions: 'persistent subscriptions',
};
