// Which event ids were written lately, and where: what makes a repeated append with ANY or EXISTS one append. Best effort by design, as
// in EventStoreDB: bounded, and empty after a start. Exact revisions do not need it.

import type { StreamEntry } from './log-index.js';

export interface RecentIds {
  remember(stream: StreamEntry, id: string, revision: number): void;
  /** The revision that this id was written at in this stream, if it is remembered. */
  find(stream: StreamEntry, id: string): number | undefined;
}

interface Place {
  readonly stream: number;
  readonly revision: number;
  /** Where else an event of this id was written: nothing forbids it. */
  readonly other: Place | undefined;
}

/** Remembers at least the last `capacity` ids, and at most twice as many. */
export function createRecentIds(capacity = 20_000): RecentIds {
  let young = new Map<string, Place>();
  let old = new Map<string, Place>();
  let count = 0;

  function revisionIn(stream: number, places: Place | undefined): number | undefined {
    for (let place = places; place !== undefined; place = place.other) if (place.stream === stream) return place.revision;
    return undefined;
  }

  return {
    remember(stream, id, revision) {
      if (count >= capacity) {
        old = young;
        young = new Map();
        count = 0;
      }
      count += 1;
      young.set(id, { stream: stream.number, revision, other: young.get(id) });
    },
    find: (stream, id) => revisionIn(stream.number, young.get(id)) ?? revisionIn(stream.number, old.get(id)),
  };
}
