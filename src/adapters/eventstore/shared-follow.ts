// One live subscription for all followers of a process, so that an event comes over the wire once, however many read it. Each begins
// with a subscription of its own for history, and moves to the live feed when it has caught up (docs/decisions/0004).

import type { EventStore, Follow, FollowedBatch, StoredEvent } from '../../domain/log/event-store.js';
import { LiveFeed } from './live-feed.js';
import { Subscription } from './subscription.js';

export interface SharedFollowOptions {
  /** What the shared subscription is filtered by. Who follows other streams than these gets a subscription of its own. */
  readonly streamPrefixes: readonly string[];
  /** A follower that is further behind the live feed than this reads by itself again. Default 4,096 events. */
  readonly maxEvents?: number;
  /** The same in bytes of data and metadata. Default 8 MB. */
  readonly maxBytes?: number;
}

const isOneOf = (prefixes: readonly string[], name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));

/**
 * The store, with a `follow` whose followers share a live subscription and get the very same events as objects. Nobody waits for a slow
 * follower, and nothing is kept for it: it goes back to a subscription of its own. When the shared subscription is lost, all that are
 * on it throw what it was lost with.
 */
export function shareFollow(store: EventStore, options: SharedFollowOptions): EventStore {
  const { streamPrefixes, maxEvents = 4_096, maxBytes = 8_000_000 } = options;
  let feed: LiveFeed | null = null;

  function feedFrom(subscription: Subscription, last: bigint): LiveFeed {
    const started = new LiveFeed({
      ...{ subscription, after: last, maxEvents, maxBytes },
      onOver: () => {
        if (feed === started) feed = null;
      },
    });
    return started;
  }

  async function* follow({ after, streamPrefixes: wanted, signal }: Follow): AsyncGenerator<FollowedBatch, never, undefined> {
    const isWanted = ({ stream }: StoredEvent) => isOneOf(wanted, stream);
    /** Everything up to here was seen, also by those who did not want it: the filter of a subscription is always the shared one. */
    let last = after ?? -1n;
    let saidCaughtUp = false;
    for (;;) {
      signal?.throwIfAborted();
      const own = new Subscription(store, { streamPrefixes, ...(last < 0n ? {} : { after: last }) });
      const abort = () => own.close(signal?.reason);
      signal?.addEventListener('abort', abort);
      try {
        let isLive = false;
        while (!isLive || feed?.covers(last) === false) {
          const { events, caughtUp } = await own.next();
          last = events.at(-1)?.position ?? last;
          isLive ||= caughtUp;
          const batch = { events: events.filter(isWanted), caughtUp: caughtUp && !saidCaughtUp };
          saidCaughtUp ||= caughtUp;
          if (batch.caughtUp || batch.events.length > 0) yield batch;
          signal?.throwIfAborted();
        }
        // Nothing may be awaited from here until the feed is read: it might be over by then.
        feed ??= feedFrom(own, last);
      } finally {
        signal?.removeEventListener('abort', abort);
        if (!feed?.isFedBy(own)) own.close(new Error('The follower has left its own subscription.'));
      }
      for await (const events of feed.after(last, signal)) {
        last = events.at(-1)?.position ?? last;
        const batch = { events: events.filter(isWanted), caughtUp: false };
        if (batch.events.length > 0) yield batch;
      }
    }
  }

  return {
    append: (stream, events, expected) => store.append(stream, events, expected),
    readStream: (stream, read) => store.readStream(stream, read),
    readAll: (read) => store.readAll(read),
    follow: (asked) =>
      asked.streamPrefixes.every((prefix) => isOneOf(streamPrefixes, prefix)) ? follow(asked) : store.follow(asked),
    setMetadata: (stream, metadata) => store.setMetadata(stream, metadata),
  };
}
