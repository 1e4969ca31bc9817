// Waits for a condition that something else brings about. For what can be awaited, await it instead.

import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither undefined nor false, and gives it. What it throws counts as "not yet", and is the
 * cause of the error if the time runs out.
 */
export async function eventually<T>(ask: () => T | Promise<T>, withinMs = 20_000): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(20);
  }
  throw new Error(`The condition did not come about within ${withinMs} ms.`, { cause: last });
}
