// How many requests of a kind are worked on at a time. Past that a caller is told to come again: nothing queues without bound.

import { laterProblem } from './problem.js';

export interface InFlight {
  /** Does the work if there is room. @throws Problem 503 `overloaded` */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Room for so many. `what` names them in the refusal. */
export function inFlight(most: number, what: string): InFlight {
  let running = 0;
  return {
    run: async (work) => {
      if (running >= most) throw laterProblem('overloaded', `More than ${most} ${what} are under way.`);
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
      }
    },
  };
}
