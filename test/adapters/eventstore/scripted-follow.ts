// A store of which only `follow` works: the test decides what each subscription delivers, and sees which are open.

import type { EventStore, Follow, FollowedBatch, StoredEvent } from '../../../src/domain/log/event-store.js';

export interface ScriptedSubscription {
  readonly asked: Follow;
  readonly isOpen: boolean;
  deliver(events: readonly StoredEvent[], caughtUp?: boolean): void;
  lose(error: Error): void;
}

export interface ScriptedStore {
  readonly store: EventStore;
  /** All that were ever opened, in order. */
  readonly subscriptions: readonly ScriptedSubscription[];
}

export const eventAt = (position: number, stream = 'order-1'): StoredEvent => ({
  id: `event ${position}`,
  type: 'OrderCreated',
  data: new Uint8Array(10),
  metadata: new Uint8Array(10),
  stream,
  revision: 0,
  position: BigInt(position),
  created: new Date(0),
});

export function scriptedStore(): ScriptedStore {
  const subscriptions: ScriptedSubscription[] = [];

  async function* follow(asked: Follow): AsyncGenerator<FollowedBatch, never, undefined> {
    const batches: FollowedBatch[] = [];
    let lost: Error | undefined;
    let isOpen = true;
    let wake: (() => void) | undefined;
    const rouse = () => wake?.();
    asked.signal?.addEventListener('abort', rouse);
    subscriptions.push({
      asked,
      get isOpen() {
        return isOpen;
      },
      deliver(events, caughtUp = false) {
        batches.push({ events, caughtUp });
        rouse();
      },
      lose(error) {
        lost = error;
        rouse();
      },
    });
    try {
      for (;;) {
        asked.signal?.throwIfAborted();
        const batch = batches.shift();
        if (batch !== undefined) yield batch;
        else if (lost !== undefined) throw lost;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      isOpen = false;
    }
  }

  const refused = () => {
    throw new Error('Only follow works.');
  };
  return {
    store: { append: refused, readStream: refused, readAll: refused, setMetadata: refused, follow },
    subscriptions,
  };
}
