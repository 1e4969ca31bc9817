// Drops the rows of idempotency keys that have been kept long enough, a bounded number at a time, for as long as the API is served.

import { backoff, pause } from '../../commands/backoff.js';
import type { IdempotencyKeys } from './idempotency-keys.js';
import type { Log } from './log.js';

export interface KeySweep {
  /** Ends it, once the statement under way has ended. */
  stop(): Promise<void>;
}

const minute = 60_000;

/** Sweeps at once and then again and again. `every`: how long it rests when there is nothing more to drop, in milliseconds. */
export function startKeySweep(keys: Pick<IdempotencyKeys, 'sweep'>, log: Log, every = minute): KeySweep {
  const stopped = new AbortController();

  async function sweepAll(): Promise<void> {
    try {
      while (!stopped.signal.aborted && (await keys.sweep()).more);
    } catch (error) {
      log.warn({ err: error }, 'Old idempotency keys could not be dropped; the next sweep tries again.');
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sweepAll();
      // Processes that were started together need not sweep together.
      await pause(backoff(1, every, every), stopped.signal);
    }
  }

  const running = run();
  return {
    stop: () => {
      stopped.abort();
      return running;
    },
  };
}
