// For each stream the ordinals of its events, ascending: short lists in blocks of one arena, whose sizes grow by a third to a half, long
// ones in an array of their own. Four bytes an event and the slack of the blocks.

import { countBefore } from './binary-search.js';
import { Column } from './column.js';

export interface OrdinalLists {
  lengthOf(list: number): number;
  /** The ordinal at this place of the list; -1 outside of it. */
  at(list: number, place: number): number;
  /** The place of the first ordinal that is not below this one. */
  placeOf(list: number, ordinal: number): number;
  push(list: number, ordinal: number): void;
  /** Fills lists that are all empty: ordinal `n` goes to the list `listOf` says. What each will hold is known, which saves growing to it. */
  fill(counts: Uint32Array, listOf: Column, ordinals: number): void;
  /** Drops so many from the front; the others move up. */
  dropFront(list: number, count: number): void;
}

/** A block of the arena never crosses a chunk. */
const CHUNK_BITS = 18;
const CHUNK = 1 << CHUNK_BITS;
/** The sizes of blocks; longer lists have an array of their own. */
const SIZES = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];
const LARGEST = SIZES[SIZES.length - 1] ?? 0;
/** For each length the smallest size that holds it. */
const SIZE_FOR = Uint8Array.from({ length: LARGEST + 1 }, (_, length) => SIZES.findIndex((size) => size >= length));

/** All lists are empty. */
export function createOrdinalLists(): OrdinalLists {
  const chunks: Uint32Array[] = [];
  const starts = Column.ofUint32();
  const lengths = Column.ofUint32();
  /** Which of the sizes a list's block has. */
  const sizes = Column.ofUint8();
  const own = new Map<number, Uint32Array>();
  /** For each size the start of a block that was left, plus 1; it begins with the next one's. */
  const left = new Uint32Array(SIZES.length);
  let free = CHUNK;

  function takeBlock(size: number): number {
    const used = left[size] ?? 0;
    if (used > 0) {
      left[size] = chunks[(used - 1) >>> CHUNK_BITS]?.[(used - 1) & (CHUNK - 1)] ?? 0;
      return used - 1;
    }
    const length = SIZES[size] ?? 0;
    if (free + length > CHUNK) {
      chunks.push(new Uint32Array(CHUNK));
      free = 0;
    }
    const start = (chunks.length - 1) * CHUNK + free;
    free += length;
    return start;
  }

  function leaveBlock(list: number): void {
    const size = sizes.get(list);
    if (size === 0) return;
    const start = starts.get(list);
    const chunk = chunks[start >>> CHUNK_BITS];
    if (chunk !== undefined) chunk[start & (CHUNK - 1)] = left[size] ?? 0;
    left[size] = start + 1;
  }

  const capacityOf = (list: number): number => (own.size > 0 && own.get(list)?.length) || (SIZES[sizes.get(list)] ?? 0);

  /** Moves a list to where there is room for so many. */
  function moveTo(list: number, room: number): void {
    const length = lengths.get(list);
    const size = SIZE_FOR[room];
    if (size === undefined) {
      const array = new Uint32Array(room);
      for (let place = 0; place < length; place++) array[place] = at(list, place);
      if (!own.has(list)) leaveBlock(list);
      own.set(list, array);
      sizes.set(list, 0);
      return;
    }
    const start = takeBlock(size);
    const target = chunks[start >>> CHUNK_BITS];
    for (let place = 0; place < length; place++) if (target !== undefined) target[(start & (CHUNK - 1)) + place] = at(list, place);
    leaveBlock(list);
    starts.set(list, start);
    sizes.set(list, size);
  }

  function at(list: number, place: number): number {
    if (place < 0 || place >= lengths.get(list)) return -1;
    const start = starts.get(list);
    const large = own.size > 0 ? own.get(list) : undefined;
    if (large !== undefined) return large[place] ?? -1;
    return chunks[start >>> CHUNK_BITS]?.[(start & (CHUNK - 1)) + place] ?? -1;
  }

  function write(list: number, place: number, ordinal: number): void {
    const start = starts.get(list);
    const large = own.size > 0 ? own.get(list) : undefined;
    const chunk = chunks[start >>> CHUNK_BITS];
    if (large !== undefined) large[place] = ordinal;
    else if (chunk !== undefined) chunk[(start & (CHUNK - 1)) + place] = ordinal;
  }

  return {
    lengthOf: (list) => lengths.get(list),
    at,
    placeOf: (list, ordinal) => countBefore(lengths.get(list), (place) => at(list, place) < ordinal),
    push(list, ordinal) {
      const length = lengths.get(list);
      const capacity = capacityOf(list);
      if (length === capacity) moveTo(list, capacity < LARGEST ? length + 1 : length * 2);
      lengths.set(list, length + 1);
      write(list, length, ordinal);
    },
    fill(counts, listOf, ordinals) {
      /** Where the next ordinal of each list goes. */
      const next = new Uint32Array(counts.length);
      for (let list = 0; list < counts.length; list++) {
        const count = counts[list] ?? 0;
        if (count === 0) continue;
        moveTo(list, count);
        lengths.set(list, count);
        next[list] = count > LARGEST ? 0 : starts.get(list);
      }
      for (let ordinal = 0; ordinal < ordinals; ordinal++) {
        const list = listOf.get(ordinal);
        const at = next[list] ?? 0;
        next[list] = at + 1;
        const large = (counts[list] ?? 0) > LARGEST ? own.get(list) : undefined;
        const chunk = large === undefined ? chunks[at >>> CHUNK_BITS] : undefined;
        if (large !== undefined) large[at] = ordinal;
        else if (chunk !== undefined) chunk[at & (CHUNK - 1)] = ordinal;
      }
    },
    dropFront(list, count) {
      const length = lengths.get(list);
      for (let place = count; place < length; place++) write(list, place - count, at(list, place));
      lengths.set(list, Math.max(length - count, 0));
    },
  };
}
