// The names of all streams, numbered as they come: their bytes in one arena and an open-addressing hash over them, so that two million
// names take their bytes and little more. A name is found by comparing all of it; a hash alone decides nothing.

import { Column } from './column.js';

/** Names as columns. */
export interface NameColumns {
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint16Array<ArrayBuffer>;
  /** The bytes of one behind those of the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface StreamNames {
  readonly count: number;
  /** A sum over the first `count` names in their order: two logs that agree in it number their streams alike. */
  readonly digest: number;
  /** The number of the stream whose name is these bytes; -1 if there is none. The hash is for those who know it already. */
  find(bytes: Buffer, from: number, to: number, hashed?: number): number;
  /** The numbers of many names at once; -1 where there is none. */
  findAll(names: NameColumns): Int32Array;
  /** Gives the next number to a name that is not there yet. */
  add(bytes: Buffer, from: number, to: number): number;
  /** Gives the next numbers to names that are not there yet. */
  addAll(names: NameColumns): void;
  /** The names of these numbers. */
  slice(from: number, to: number): NameColumns;
  /** Appends the name's bytes to `target` at `offset`; returns the offset behind them. */
  copy(number: number, target: Buffer, offset: number): number;
  lengthOf(number: number): number;
  nameOf(number: number): string;
  startsWith(number: number, prefix: Buffer): boolean;
}

const CHUNK_BITS = 20;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_SLOTS = 4096;

/** No names yet. `hash` is only given by tests that want collisions. */
export function createStreamNames(hash: (bytes: Buffer, from: number, to: number) => number = hashOf): StreamNames {
  const chunks: Buffer[] = [];
  const starts = Column.ofUint32();
  const lengths = Column.ofUint16();
  const hashes = Column.ofUint32();
  /** A slot holds a stream's number + 1; 0 is empty. */
  let slots = new Uint32Array(FIRST_SLOTS);
  let free = CHUNK;
  let count = 0;
  /** So many of the names have a slot: those that came all at once get theirs when one is looked for. */
  let slotted = 0;
  let digest = 0;

  function isName(number: number, bytes: Buffer, from: number, to: number): boolean {
    if (lengths.get(number) !== to - from) return false;
    const start = starts.get(number);
    const chunk = chunks[start >>> CHUNK_BITS];
    if (chunk === undefined) return false;
    for (let at = start & (CHUNK - 1), i = from; i < to; at++, i++) if (chunk[at] !== bytes[i]) return false;
    return true;
  }

  /** Gives a slot to every name. */
  function insertAll(): void {
    if (count * 3 > slots.length * 2) {
      let length = slots.length * 2;
      while (count * 3 > length * 2) length *= 2;
      slots = new Uint32Array(length);
      slotted = 0;
    }
    const mask = slots.length - 1;
    for (; slotted < count; slotted++) {
      let slot = hashes.get(slotted) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = slotted + 1;
    }
  }

  /** Room for so many bytes in a row, and its address. */
  function takeRoom(bytes: number): number {
    if (free + bytes > CHUNK) {
      chunks.push(Buffer.allocUnsafeSlow(CHUNK));
      free = 0;
    }
    const start = (chunks.length - 1) * CHUNK + free;
    free += bytes;
    return start;
  }

  function number(start: number, length: number, hashed: number): number {
    starts.set(count, start);
    lengths.set(count, length);
    hashes.set(count, hashed);
    digest = (Math.imul(digest, 0x01000193) ^ hashed) >>> 0;
    return count++;
  }

  const where = (number: number): { chunk: Buffer; from: number; to: number } => {
    const start = starts.get(number);
    const from = start & (CHUNK - 1);
    return { chunk: chunks[start >>> CHUNK_BITS] ?? Buffer.alloc(0), from, to: from + lengths.get(number) };
  };

  function find(bytes: Buffer, from: number, to: number, wanted = hash(bytes, from, to)): number {
    if (slotted < count) insertAll();
    for (let slot = wanted & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return -1;
      if (hashes.get(number) === wanted && isName(number, bytes, from, to)) return number;
    }
  }

  return {
    get count() {
      return count;
    },
    get digest() {
      return digest;
    },
    find,
    findAll({ hashes: wanted, lengths: wantedLengths, bytes }) {
      if (slotted < count) insertAll();
      const found = new Int32Array(wanted.length);
      const mask = slots.length - 1;
      // All slots first: they are far apart in memory, and the processor fetches many at once if nothing depends on one of them.
      for (let i = 0; i < found.length; i++) found[i] = (slots[(wanted[i] ?? 0) & mask] ?? 0) - 1;
      const names = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0, from = 0; i < found.length; i++) {
        const to = from + (wantedLengths[i] ?? 0);
        const number = found[i] ?? -1;
        const isThere = number < 0 || (hashes.get(number) === wanted[i] && isName(number, names, from, to));
        if (!isThere) found[i] = find(names, from, to, wanted[i]);
        from = to;
      }
      return found;
    },
    add(bytes, from, to) {
      const start = takeRoom(to - from);
      const chunk = chunks.at(-1);
      // Names are short: a call out of JavaScript costs more than the copy.
      if (chunk !== undefined) for (let at = start & (CHUNK - 1), i = from; i < to; at++, i++) chunk[at] = bytes[i] ?? 0;
      const added = number(start, to - from, hash(bytes, from, to));
      insertAll();
      return added;
    },
    addAll(names) {
      let [from, to] = [0, 0];
      // Those that a chunk has room for are copied at once.
      const copy = (): void => chunks.at(-1)?.set(names.bytes.subarray(from, to), free - (to - from));
      for (let i = 0; i < names.lengths.length; i++) {
        const length = names.lengths[i] ?? 0;
        if (free + length > CHUNK) {
          copy();
          from = to;
        }
        number(takeRoom(length), length, names.hashes[i] ?? 0);
        to += length;
      }
      copy();
    },
    slice(from, to) {
      const columns = { hashes: new Uint32Array(to - from), lengths: new Uint16Array(to - from) };
      hashes.copyTo(columns.hashes, from);
      lengths.copyTo(columns.lengths, from);
      const bytes = Buffer.allocUnsafe(columns.lengths.reduce((sum, length) => sum + length, 0));
      for (let named = from, at = 0; named < to; ) {
        // Those that stand in a chunk are copied at once.
        const start = starts.get(named);
        const chunk = start >>> CHUNK_BITS;
        let end = start;
        for (; named < to && starts.get(named) >>> CHUNK_BITS === chunk; named++) end += lengths.get(named);
        at += chunks[chunk]?.copy(bytes, at, start & (CHUNK - 1), (start & (CHUNK - 1)) + end - start) ?? 0;
      }
      return { ...columns, bytes };
    },
    copy(number, target, offset) {
      const { chunk, from, to } = where(number);
      return offset + chunk.copy(target, offset, from, to);
    },
    lengthOf: (number) => lengths.get(number),
    nameOf(number) {
      const { chunk, from, to } = where(number);
      return chunk.toString('utf8', from, to);
    },
    startsWith(number, prefix) {
      const { chunk, from, to } = where(number);
      if (to - from < prefix.length) return false;
      for (let i = 0; i < prefix.length; i++) if (chunk[from + i] !== prefix[i]) return false;
      return true;
    },
  };
}

/** MurmurHash3 (32 bits) of a name. */
export function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    hash ^= scrambled(low | ((bytes[at + 3] ?? 0) << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let last = to - 1; last >= at; last--) rest = (rest << 8) | (bytes[last] ?? 0);
  hash ^= scrambled(rest) ^ (to - from);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
