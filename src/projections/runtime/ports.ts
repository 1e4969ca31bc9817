// What the runtime asks of its surroundings, beside the event store and the checkpoints, whose ports are the domain's.

import type { Tx } from '../../domain/log/checkpoint.js';

/** Where the read models are. */
export interface ReadModelDatabase extends Tx {
  /**
   * Runs the work in one transaction: committed when it fulfils, rolled back when it throws, whose error it passes on.
   * @throws Unavailable nothing was done; OutcomeUnknown the answer to the commit was lost.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

type Write = (fields: object, message: string) => void;

/** A pino logger fits. */
export interface ProjectorLog {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}
