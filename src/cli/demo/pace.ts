// Evenly timed turns: so many a second, whatever the work in between takes. What was missed is not made up for in a burst.

import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  /** Fulfilled when the next turn is due. @throws the signal's reason once it is aborted */
  turn(): Promise<void>;
  /** The turn was not needed: the one after it comes so much earlier. */
  giveBack(): void;
}

export function paceOf(perSecond: number, signal: AbortSignal): Pace {
  const interval = 1_000 / perSecond;
  let next = 0;
  return {
    async turn() {
      signal.throwIfAborted();
      const now = performance.now();
      const due = Math.max(next, now);
      next = due + interval;
      if (due > now) await delay(due - now, undefined, { signal });
    },
    giveBack() {
      next -= interval;
    },
  };
}
