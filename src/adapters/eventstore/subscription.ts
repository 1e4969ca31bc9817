// A subscription that can be passed on: whoever holds it pulls the next batch, or closes it.

import { Unavailable } from '../../domain/log/errors.js';
import type { EventStore, Follow, FollowedBatch } from '../../domain/log/event-store.js';

export class Subscription {
  readonly #over = new AbortController();
  readonly #batches: AsyncIterator<FollowedBatch>;

  constructor(store: EventStore, options: Omit<Follow, 'signal'>) {
    this.#batches = store.follow({ ...options, signal: this.#over.signal })[Symbol.asyncIterator]();
  }

  /** @throws Unavailable, or the reason it was closed for */
  async next(): Promise<FollowedBatch> {
    const { done, value } = await this.#batches.next();
    if (done) throw new Unavailable('The event store ended the subscription.');
    return value;
  }

  /** Ends it at once; whoever waits for its next batch is thrown the reason. */
  close(reason: unknown): void {
    this.#over.abort(reason);
    this.#batches.return?.().catch(() => undefined);
  }
}
