// The low watermark: the place in the log up to which everything has been answered, though later events may be done before earlier ones.

import type { Place } from '../../domain/log/checkpoint.js';

interface Ticket extends Place {
  open: number;
}

export class Watermark {
  readonly #tickets: Ticket[] = [];
  #first = 0;
  #place: Place | null;
  #wake: (() => void) | null = null;
  #roomBelow = 0;

  /** Starts at what an earlier process had answered; `null` at the log's start. */
  constructor(start: Place | null) {
    this.#place = start;
  }

  /** The last place before the oldest unanswered event. */
  get place(): Place | null {
    return this.#place;
  }

  /** Events that are not answered, or wait behind one that is not. */
  get outstanding(): number {
    return this.#tickets.length - this.#first;
  }

  /** Takes in the next event of the log, with so many reactions to come. The function that it returns marks one of them answered. */
  begin(place: Place, reactions: number): () => void {
    const ticket = { ...place, open: reactions };
    this.#tickets.push(ticket);
    if (reactions === 0) this.#advance();
    return () => {
      ticket.open -= 1;
      if (ticket.open === 0) this.#advance();
    };
  }

  /** Resolves once fewer than so many events are outstanding: what bounds the read-ahead. One waiter at a time. */
  below(limit: number): Promise<void> {
    if (this.outstanding < limit) return Promise.resolve();
    this.#roomBelow = limit;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #advance(): void {
    for (let ticket = this.#tickets[this.#first]; ticket?.open === 0; ticket = this.#tickets[this.#first]) {
      this.#place = ticket;
      this.#first += 1;
    }
    if (this.#first > 1024) {
      this.#tickets.splice(0, this.#first);
      this.#first = 0;
    }
    if (this.#wake !== null && this.outstanding < this.#roomBelow) {
      this.#wake();
      this.#wake = null;
    }
  }
}
