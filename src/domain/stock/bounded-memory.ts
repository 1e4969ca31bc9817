// Remembers the newest ids and forgets the oldest, keeping of those the highest log position: whoever asks for an id that is not
// remembered can tell "never seen" (its position is above) from "perhaps forgotten" (it is not).

import { PersistentMap } from '../persistent-map.js';

interface Generation {
  readonly ids: PersistentMap<true>;
  readonly highest: bigint;
}

export interface BoundedMemory {
  readonly capacity: number;
  readonly newer: Generation;
  readonly older: Generation;
  /** The highest position among the forgotten; -1 while nothing was forgotten. */
  readonly forgotten: bigint;
}

const nobody: Generation = { ids: PersistentMap.empty(), highest: -1n };

/** A memory of at least the `capacity` newest ids, and of at most twice as many: it forgets a generation at a time. */
export const emptyMemory = (capacity: number): BoundedMemory => ({ capacity, newer: nobody, older: nobody, forgotten: -1n });

/** Whether the id is among those remembered. */
export const remembers = (memory: BoundedMemory, id: string): boolean => memory.newer.ids.has(id) || memory.older.ids.has(id);

/** Whether something at this position may have been forgotten, so that not remembering it proves nothing. */
export const mayHaveForgotten = (memory: BoundedMemory, position: bigint): boolean => position <= memory.forgotten;

/** The memory with one more id, which stands for something that began at this position. */
export function remembering(memory: BoundedMemory, id: string, position: bigint): BoundedMemory {
  if (remembers(memory, id)) return memory;
  const full = memory.newer.ids.size >= memory.capacity;
  const newer = full ? nobody : memory.newer;
  const older = full ? memory.newer : memory.older;
  const forgotten = full && memory.older.highest > memory.forgotten ? memory.older.highest : memory.forgotten;
  const highest = position > newer.highest ? position : newer.highest;
  return { ...memory, newer: { ids: newer.ids.with(id, true), highest }, older, forgotten };
}
