// Which event ids were written lately, and where: what makes a repeated append with ANY or EXISTS one append. Best effort by design, as
// in EventStoreDB: bounded, and empty after a start. Exact revisions do not need it.

import type { StreamEntry } from './log-index.js';

export interface RecentIds {
  remember(stream: StreamEntry, id: string, revision: number): void;
  /** The revision that this id was written at in this stream, if it is remembered. */
  find(stream: StreamEntry, id: string): number | undefined;
}

/** Remembers at least the last `capacity` ids, and at most twice as many. */
export function createRecentIds(capacity = 20_000): RecentIds {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return {
    remember(stream, id, revision) {
      if (young.size >= capacity) {
        old = young;
        young = new Map();
      }
      young.set(`${stream.number}/${id}`, revision);
    },
    find(stream, id) {
      const key = `${stream.number}/${id}`;
      return young.get(key) ?? old.get(key);
    },
  };
}
