// What was started, and how it is stopped.

import type { Log } from '../log.js';

/** What was started, to be stopped the other way round. */
export class Started {
  readonly #stops: (() => Promise<unknown>)[] = [];

  add<T>(part: T, stop: (part: T) => Promise<unknown> | unknown): T {
    this.#stops.push(async () => stop(part));
    return part;
  }

  /** Stops all, also when one of them fails to. */
  async stop(log: Log): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop())
      await stop().catch((error: unknown) => log.error({ err: error }, 'A part did not stop in good order.'));
  }
}
