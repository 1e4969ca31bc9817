// What a scavenge may remove: of each stream the events before the first that it still shows, but never its last.

import type { Journal } from './journal.js';
import type { StreamEntry } from './log-index.js';
import { readStored } from './stored-event.js';

/** Streams looked at in one turn of the event loop. */
const AT_ONCE = 50_000;
const LOADED_AT_ONCE = 64;

/** For each stream that does not keep everything: the ordinal of the first event that stays. */
export async function cutsOf(journal: Journal): Promise<ReadonlyMap<number, number>> {
  const { index } = journal;
  const cuts = new Map<number, number>();
  const cut = (stream: StreamEntry, revision: number): void => {
    const kept = Math.min(revision, stream.visible - 1);
    if (kept > stream.first) cuts.set(stream.number, stream.ordinalAt(kept));
  };
  for (const [number, { maxCount, maxAgeSeconds, truncateBefore = 0 }] of [...index.limited()]) {
    const stream = index.entryOf(number);
    const first = Math.max(truncateBefore, maxCount === undefined ? 0 : stream.visible - maxCount);
    cut(stream, maxAgeSeconds === undefined ? first : await youngerThan(journal, stream, first, maxAgeSeconds));
  }
  for (const number of index.tombstones()) {
    const stream = index.entryOf(number);
    cut(stream, stream.visible - 1);
  }
  for (let number = 0; number < index.names.count; number++) {
    if (number % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    if (!index.isMetadata(number)) continue;
    const stream = index.entryOf(number);
    cut(stream, stream.visible - 1);
  }
  return cuts;
}

/** The first revision, from this one on, whose event is not too old. */
async function youngerThan(journal: Journal, stream: StreamEntry, from: number, maxAgeSeconds: number): Promise<number> {
  const oldest = Date.now() - maxAgeSeconds * 1000;
  for (let revision = Math.max(from, stream.first); revision < stream.visible; revision += LOADED_AT_ONCE) {
    const until = Math.min(revision + LOADED_AT_ONCE, stream.visible);
    const ordinals = Array.from({ length: until - revision }, (_, i) => stream.ordinalAt(revision + i));
    const stored = await journal.load(ordinals);
    const young = stored.findIndex((bytes) => readStored(bytes).created >= oldest);
    if (young >= 0) return revision + young;
  }
  return stream.visible;
}
