// Deadlines that were set and cleared since the last save. One that is set and cleared between two saves is never written.

import type { DeadlineRow } from './work.js';

export interface DeadlineChanges {
  readonly set: readonly DeadlineRow[];
  /** Ids; those of deadlines that were never written, too: whether an earlier one of that id was, nobody knows here. */
  readonly cleared: readonly string[];
}

export class DeadlineBook {
  #set = new Map<string, DeadlineRow>();
  #cleared = new Set<string>();

  /** Takes in what an event sets and clears. */
  note({ set, cleared }: DeadlineChanges): void {
    for (const id of cleared) {
      this.#set.delete(id);
      this.#cleared.add(id);
    }
    for (const row of set) {
      this.#set.set(row.id, row);
      this.#cleared.delete(row.id);
    }
  }

  get isEmpty(): boolean {
    return this.#set.size === 0 && this.#cleared.size === 0;
  }

  /** What is to be saved. It is forgotten here: what could not be saved is given back. */
  take(): DeadlineChanges {
    const changes = { set: [...this.#set.values()], cleared: [...this.#cleared] };
    this.#set = new Map();
    this.#cleared = new Set();
    return changes;
  }

  /** Puts back what could not be saved, under what has come since. */
  giveBack(unsaved: DeadlineChanges): void {
    const since = this.take();
    this.note(unsaved);
    this.note(since);
  }
}
