// Remembers the newest ids, with a word about each, and forgets the oldest, keeping of those the highest log position: whoever asks for an
// id that is not remembered can tell "never seen" (its position is above) from "perhaps forgotten" (it is not).

import { PersistentMap } from '../persistent-map.js';

interface Generation<Word> {
  readonly ids: PersistentMap<Word>;
  readonly highest: bigint;
}

export interface BoundedMemory<Word extends string> {
  readonly capacity: number;
  readonly newer: Generation<Word>;
  readonly older: Generation<Word>;
  /** The highest position among the forgotten; -1 while nothing was forgotten. */
  readonly forgotten: bigint;
}

const nobody: Generation<never> = { ids: PersistentMap.empty(), highest: -1n };

/** A memory of at least the `capacity` newest ids, and of at most twice as many: it forgets a generation at a time. */
export const emptyMemory = <Word extends string>(capacity: number): BoundedMemory<Word> => ({
  capacity,
  newer: nobody,
  older: nobody,
  forgotten: -1n,
});

/** What is remembered of the id; `undefined` if nothing is. */
export const recall = <Word extends string>(memory: BoundedMemory<Word>, id: string): Word | undefined =>
  memory.newer.ids.get(id) ?? memory.older.ids.get(id);

/** Whether something at this position may have been forgotten, so that not remembering it proves nothing. */
export const mayHaveForgotten = (memory: BoundedMemory<string>, position: bigint): boolean => position <= memory.forgotten;

/** The memory with one more id, which stands for something that began at this position. What is remembered already stands. */
export function remembering<Word extends string>(
  memory: BoundedMemory<Word>,
  id: string,
  word: Word,
  position: bigint,
): BoundedMemory<Word> {
  if (recall(memory, id) !== undefined) return memory;
  const full = memory.newer.ids.size >= memory.capacity;
  const newer = full ? nobody : memory.newer;
  const older = full ? memory.newer : memory.older;
  const forgotten = full && memory.older.highest > memory.forgotten ? memory.older.highest : memory.forgotten;
  const highest = position > newer.highest ? position : newer.highest;
  return { ...memory, newer: { ids: newer.ids.with(id, word), highest }, older, forgotten };
}
