// The newest events of one live subscription, and those who read them. Reading is by position, so that nobody needs a queue: who has
// read up to a position that is still covered can take what comes after it; who is further behind has fallen out.

import type { StoredEvent } from '../../domain/log/event-store.js';
import type { Subscription } from './subscription.js';

export interface LiveFeedOptions {
  /** One that has caught up. The feed owns it from now on. */
  readonly subscription: Subscription;
  /** Where the subscription stands. */
  readonly after: bigint;
  /** What is kept for the slowest reader at most. */
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Is told once, when nobody can join any more: the subscription was lost, or the last reader has left. */
  readonly onOver: () => void;
}

interface Reader {
  last: bigint;
  wake: () => void;
}

/** At most so many events are handed over at once, so that a reader's own limits hold. */
const handful = 512;
/** Of what all readers have had so much is kept, for who is about to join. Little: what lives longer costs the garbage collector more. */
const spare = 256;

const sizeOf = ({ data, metadata }: StoredEvent): number => data.length + metadata.length;
const asleep = () => {};

export class LiveFeed {
  readonly #with: LiveFeedOptions;
  readonly #readers = new Set<Reader>();
  /** All events of the subscription after `#floor`, as far as they have arrived. */
  readonly #events: StoredEvent[] = [];
  #floor: bigint;
  #bytes = 0;
  #end: { readonly error: unknown } | null = null;

  constructor(options: LiveFeedOptions) {
    this.#with = options;
    this.#floor = options.after;
    void this.#fill();
  }

  isFedBy(subscription: Subscription): boolean {
    return this.#with.subscription === subscription;
  }

  /** Whether nothing is missing for one who has read up to this position. It may be ahead of the feed. */
  covers(position: bigint): boolean {
    return position >= this.#floor;
  }

  /**
   * What comes after a position, never an empty array; ends when the reader has fallen out, being too slow. To be begun at once: the
   * feed is over when nobody reads it.
   * @throws what the subscription was lost with, when all before it was read; the signal's reason
   */
  async *after(position: bigint, signal: AbortSignal | undefined): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const reader: Reader = { last: position, wake: asleep };
    const wake = () => reader.wake();
    this.#readers.add(reader);
    signal?.addEventListener('abort', wake);
    try {
      while (this.covers(reader.last)) {
        const from = this.#events.findLastIndex((event) => event.position <= reader.last) + 1;
        const events = this.#events.slice(from, from + handful);
        reader.last = events.at(-1)?.position ?? reader.last;
        if (events.length > 0) yield events;
        else if (this.#end !== null) throw this.#end.error;
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
        signal?.throwIfAborted();
      }
    } finally {
      signal?.removeEventListener('abort', wake);
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#close(new Error('Nobody reads the live feed any more.'));
    }
  }

  async #fill(): Promise<void> {
    try {
      for (;;) this.#add((await this.#with.subscription.next()).events);
    } catch (error) {
      this.#close(error);
    }
  }

  #add(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += sizeOf(event);
    }
    this.#drop();
    for (const reader of this.#readers) reader.wake();
  }

  /** Drops what everybody has had who has not fallen out, and what is too much for the slowest. */
  #drop(): void {
    const { maxEvents, maxBytes } = this.#with;
    let slowest = this.#events.at(-1)?.position ?? this.#floor;
    for (const { last } of this.#readers) if (last < slowest && this.covers(last)) slowest = last;
    let dropped = 0;
    for (const event of this.#events) {
      const kept = this.#events.length - dropped;
      if (kept <= maxEvents && this.#bytes <= maxBytes && (kept <= spare || event.position > slowest)) break;
      this.#floor = event.position;
      this.#bytes -= sizeOf(event);
      dropped += 1;
    }
    this.#events.splice(0, dropped);
  }

  #close(error: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    this.#with.onOver();
    this.#with.subscription.close(error);
    for (const reader of this.#readers) reader.wake();
  }
}
