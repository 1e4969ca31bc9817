// The low watermark: the place in the log up to which everything has been answered, though later events may be done before earlier ones.

import type { Place } from '../../domain/log/checkpoint.js';

interface Ticket {
  /** The event before it. */
  readonly before: Place | null;
  open: number;
}

export class Watermark {
  /** What is not answered, in log order. */
  readonly #open = new Set<Ticket>();
  #latest: Place | null;
  #wake: (() => void) | null = null;
  #roomBelow = 0;

  /** Starts at what an earlier process had answered; `null` at the log's start. */
  constructor(start: Place | null) {
    this.#latest = start;
  }

  /** The last place before the oldest unanswered event. */
  get place(): Place | null {
    for (const { before } of this.#open) return before;
    return this.#latest;
  }

  /** The last event that was taken in, answered or not. */
  get latest(): Place | null {
    return this.#latest;
  }

  /** Events that are not answered. Those that are do not count, though one before them may hold the watermark. */
  get outstanding(): number {
    return this.#open.size;
  }

  /** Takes in the next event of the log, with so many reactions to come. The function that it returns marks one of them answered. */
  begin(place: Place, reactions: number): () => void {
    const ticket = { before: this.#latest, open: reactions };
    this.#latest = place;
    if (reactions > 0) this.#open.add(ticket);
    return () => {
      ticket.open -= 1;
      if (ticket.open > 0) return;
      this.#open.delete(ticket);
      if (this.#open.size < this.#roomBelow) this.#wake?.();
    };
  }

  /** Resolves once fewer than so many events are unanswered, or at the signal: what bounds the read-ahead. One waiter at a time. */
  below(limit: number, signal: AbortSignal): Promise<void> {
    if (this.outstanding < limit || signal.aborted) return Promise.resolve();
    this.#roomBelow = limit;
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = null;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
