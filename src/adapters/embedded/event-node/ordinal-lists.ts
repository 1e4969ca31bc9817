// For each stream the ordinals of its events, ascending: short lists in blocks of one arena whose sizes are powers of two, long ones in
// an array of their own. Four bytes an event and the slack of the blocks.

import { Column } from './column.js';

export interface OrdinalLists {
  lengthOf(list: number): number;
  /** The ordinal at this place of the list; -1 outside of it. */
  at(list: number, place: number): number;
  /** The place of the first ordinal that is not below this one. */
  placeOf(list: number, ordinal: number): number;
  push(list: number, ordinal: number): void;
  /** Drops so many from the front; the others move up. */
  dropFront(list: number, count: number): void;
}

/** A block of the arena never crosses a chunk. */
const CHUNK_BITS = 18;
const CHUNK = 1 << CHUNK_BITS;
/** The largest block, as a power of two; longer lists have an array of their own. */
const LARGEST = 12;

/** All lists are empty. */
export function createOrdinalLists(): OrdinalLists {
  const chunks: Uint32Array[] = [];
  const starts = Column.ofUint32();
  const lengths = Column.ofUint32();
  /** The power of two that a list's block holds, plus 1; 0 is none yet. */
  const sizes = Column.ofUint8();
  const own = new Map<number, Uint32Array>();
  /** The starts of blocks that were left for larger ones, by power. */
  const left: number[][] = Array.from({ length: LARGEST + 1 }, () => []);
  let free = CHUNK;

  function takeBlock(power: number): number {
    const used = left[power]?.pop();
    if (used !== undefined) return used;
    if (free + (1 << power) > CHUNK) {
      chunks.push(new Uint32Array(CHUNK));
      free = 0;
    }
    const start = (chunks.length - 1) * CHUNK + free;
    free += 1 << power;
    return start;
  }

  const capacityOf = (list: number): number => own.get(list)?.length ?? (1 << sizes.get(list)) >>> 1;
  const chunkOf = (list: number): Uint32Array => chunks[starts.get(list) >>> CHUNK_BITS] ?? new Uint32Array(0);

  /** Moves a full list to where there is room for twice as many. */
  function grow(list: number, length: number): void {
    const large = own.get(list);
    const size = sizes.get(list);
    if (large !== undefined || size > LARGEST) {
      const array = new Uint32Array(length * 2);
      if (large !== undefined) array.set(large);
      else for (let place = 0; place < length; place++) array[place] = at(list, place);
      own.set(list, array);
      if (large === undefined) left[size - 1]?.push(starts.get(list));
      return;
    }
    const start = takeBlock(size);
    const target = chunks[start >>> CHUNK_BITS];
    for (let place = 0; place < length; place++) if (target !== undefined) target[(start & (CHUNK - 1)) + place] = at(list, place);
    if (size > 0) left[size - 1]?.push(starts.get(list));
    starts.set(list, start);
    sizes.set(list, size + 1);
  }

  function at(list: number, place: number): number {
    if (place < 0 || place >= lengths.get(list)) return -1;
    const large = sizes.get(list) > LARGEST ? own.get(list) : undefined;
    if (large !== undefined) return large[place] ?? -1;
    return chunkOf(list)[(starts.get(list) & (CHUNK - 1)) + place] ?? -1;
  }

  function write(list: number, place: number, ordinal: number): void {
    const large = sizes.get(list) > LARGEST ? own.get(list) : undefined;
    if (large !== undefined) large[place] = ordinal;
    else chunkOf(list)[(starts.get(list) & (CHUNK - 1)) + place] = ordinal;
  }

  return {
    lengthOf: (list) => lengths.get(list),
    at,
    placeOf(list, ordinal) {
      let low = 0;
      let high = lengths.get(list);
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (at(list, middle) < ordinal) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    push(list, ordinal) {
      const length = lengths.get(list);
      if (length === capacityOf(list)) grow(list, length);
      lengths.set(list, length + 1);
      write(list, length, ordinal);
    },
    dropFront(list, count) {
      const length = lengths.get(list);
      for (let place = count; place < length; place++) write(list, place - count, at(list, place));
      lengths.set(list, Math.max(length - count, 0));
    },
  };
}
