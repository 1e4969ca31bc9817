// A medium whose writes become durable, or fail, when the test says so.

import type { Medium } from '../../../../src/adapters/embedded/event-node/medium.js';

export interface HeldMedium extends Medium {
  /** Writes begun so far. */
  readonly writes: number;
  /** Lets the write that is under way end. */
  release(failure?: Error): void;
}

/** A medium that holds every write; what was written is not read back, so the journal keeps it. */
export function heldMedium(): HeldMedium {
  let writes = 0;
  let end: ((failure?: Error) => void) | undefined;
  return {
    readsBack: false,
    get writes() {
      return writes;
    },
    write: () =>
      new Promise((resolve, reject) => {
        writes += 1;
        end = (failure) => (failure === undefined ? resolve() : reject(failure));
      }),
    read: () => Promise.reject(new Error('Nothing is read back.')),
    wholeUntil: () => Number.POSITIVE_INFINITY,
    close: () => Promise.resolve(),
    release(failure) {
      if (end === undefined) throw new Error('No write is under way.');
      const ending = end;
      end = undefined;
      ending(failure);
    },
  };
}
