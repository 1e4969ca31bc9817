// The bounded queue between the subscription and the writer: it makes batches of what has arrived, and stops pulling while it is full.

import type { FollowedBatch, StoredEvent } from '../../domain/log/event-store.js';

export interface BatchLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** How long the oldest event waits for company once history has been read, in milliseconds. */
  readonly lingerMs: number;
  /** The least time from one live batch to the next, in milliseconds: under load, fewer transactions that do more each. */
  readonly spacingMs: number;
}

const sizeOf = (event: StoredEvent) => event.data.length + event.metadata.length;

export class ReadAhead {
  readonly #limits: BatchLimits;
  readonly #onIdle: () => void;
  #events: StoredEvent[] = [];
  #bytes = 0;
  #oldestArrivedAt = 0;
  #takenAt = Number.NEGATIVE_INFINITY;
  #caughtUp = false;
  #failure: { readonly reason: unknown } | null = null;
  #taker: { readonly wantsFull: boolean; readonly wake: () => void } | null = null;
  #roomMade: (() => void) | null = null;

  /** `onIdle` is called whenever the taker waits for what has not happened yet: all of history was taken. */
  constructor(limits: BatchLimits, onIdle: () => void) {
    this.#limits = limits;
    this.#onIdle = onIdle;
  }

  get #full(): boolean {
    return this.#events.length >= this.#limits.maxEvents || this.#bytes >= this.#limits.maxBytes;
  }

  /** Pulls until the source throws or the queue is closed; never rejects: whoever takes is told, after what has arrived before. */
  async fill(source: AsyncIterable<FollowedBatch>): Promise<void> {
    try {
      for await (const { events, caughtUp } of source) {
        if (this.#failure !== null) return;
        this.#add(events);
        if (caughtUp) {
          this.#caughtUp = true;
          this.#wakeTaker();
        }
        if (this.#full) await new Promise<void>((resolve) => (this.#roomMade = resolve));
      }
      throw new Error('The subscription ended without an error.');
    } catch (reason) {
      this.#failure ??= { reason };
      this.#wakeTaker();
    }
  }

  #add(events: readonly StoredEvent[]): void {
    if (events.length === 0) return;
    if (this.#events.length === 0) this.#oldestArrivedAt = performance.now();
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += sizeOf(event);
    }
    if (this.#taker !== null && (this.#full || !this.#taker.wantsFull)) this.#wakeTaker();
  }

  #wakeTaker(): void {
    const taker = this.#taker;
    this.#taker = null;
    taker?.wake();
  }

  /** From now on `next` throws the reason; what has arrived and was not taken is dropped. */
  close(reason: unknown): void {
    this.#failure = { reason };
    this.#events = [];
    this.#wakeTaker();
    this.#roomMade?.();
  }

  /** Waits for the next batch, never empty. One caller at a time. @throws what the source threw, once all before it was taken */
  async next(): Promise<readonly StoredEvent[]> {
    while (this.#events.length === 0) {
      if (this.#failure !== null) throw this.#failure.reason;
      if (this.#caughtUp) this.#onIdle();
      await new Promise<void>((wake) => (this.#taker = { wantsFull: false, wake }));
    }
    await this.#linger();
    return this.#events.length === 0 ? this.next() : this.#take();
  }

  async #linger(): Promise<void> {
    if (!this.#caughtUp || this.#failure !== null || this.#full) return;
    const { lingerMs, spacingMs } = this.#limits;
    const remaining = Math.max(this.#oldestArrivedAt + lingerMs, this.#takenAt + spacingMs) - performance.now();
    if (remaining <= 0) return;
    await new Promise<void>((wake) => {
      const timer = setTimeout(() => this.#wakeTaker(), remaining);
      this.#taker = {
        wantsFull: true,
        wake: () => {
          clearTimeout(timer);
          wake();
        },
      };
    });
  }

  #take(): readonly StoredEvent[] {
    const { maxEvents, maxBytes } = this.#limits;
    let count = 0;
    let bytes = 0;
    for (const event of this.#events) {
      const size = sizeOf(event);
      if (count === maxEvents || (count > 0 && bytes + size > maxBytes)) break;
      bytes += size;
      count += 1;
    }
    const taken = this.#events.slice(0, count);
    this.#events = this.#events.slice(count);
    this.#bytes -= bytes;
    this.#takenAt = performance.now();
    if (!this.#full) {
      this.#roomMade?.();
      this.#roomMade = null;
    }
    return taken;
  }
}
