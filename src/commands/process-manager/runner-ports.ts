// What the process manager's runner is given to work with.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Checkpoint, Checkpoints } from '../../domain/log/checkpoint.js';
import type { EventStore } from '../../domain/log/event-store.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { Reactor, Timekeeper } from './reactor.js';
import type { Waits } from './waits.js';
import type { Work } from './work.js';

/** The name of the process manager's checkpoint; permanent. */
export const checkpointName = 'process-manager';

/** Where the runner says what an operator should know. */
export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Something that is done now and then while the lease is held, once the runner has caught up. */
export interface Chore {
  readonly name: string;
  /** Milliseconds from the end of one time to the next. */
  readonly every: number;
  readonly run: () => Promise<void>;
}

export interface RunnerDependencies {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly work: Work;
  readonly logId: string;
  /** Throws if the event at this place is not the one that is remembered: another log, or one restored from before it. */
  readonly verify: (checkpoint: Checkpoint) => Promise<void>;
  readonly reactors: readonly Reactor[];
  readonly timekeeper: Timekeeper;
  /** Asks a person to look at an order. */
  readonly raise: (recorded: Recorded<DomainEvent>, code: string, detail: string) => Promise<void>;
  readonly chores?: readonly Chore[];
  /** Names this process among those that may hold the lease. */
  readonly holder: string;
  readonly log: RunnerLog;
  readonly leaseMilliseconds?: number;
  readonly saveEveryMilliseconds?: number;
  /** How often rows that have become due are looked for. */
  readonly pollEveryMilliseconds?: number;
  readonly waits?: Waits;
  /** Events that may be unanswered before no more are pulled. */
  readonly readAhead?: number;
}

export type RunnerState = 'standing-by' | 'catching-up' | 'running' | 'stopped' | 'failed';

export interface RunnerStatus {
  readonly state: RunnerState;
  /** Up to where everything is answered. */
  readonly position: bigint | null;
  readonly outstanding: number;
  /** The last thing that went wrong and has not come right since. */
  readonly problem: string | null;
}

/** How long a process manager that died keeps others out. */
export const leaseOf = ({ leaseMilliseconds }: RunnerDependencies) => leaseMilliseconds ?? 5000;
