// The names of all streams, numbered as they come: their bytes in one arena and an open-addressing hash over them, so that two million
// names take their bytes and little more. A name is found by comparing all of it; a hash alone decides nothing.

import { Column } from './column.js';

export interface StreamNames {
  readonly count: number;
  /** A sum over the first `count` names in their order: two logs that agree in it number their streams alike. */
  readonly digest: number;
  /** The number of the stream whose name is these bytes; -1 if there is none. */
  find(bytes: Buffer, from: number, to: number): number;
  /** Gives the next number to a name that is not there yet. */
  add(bytes: Buffer, from: number, to: number): number;
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
  let digest = 0;

  function isName(number: number, bytes: Buffer, from: number, to: number): boolean {
    if (lengths.get(number) !== to - from) return false;
    const start = starts.get(number);
    const chunk = chunks[start >>> CHUNK_BITS];
    if (chunk === undefined) return false;
    for (let at = start & (CHUNK - 1), i = from; i < to; at++, i++) if (chunk[at] !== bytes[i]) return false;
    return true;
  }

  function insert(number: number): void {
    let slot = hashes.get(number) & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = number + 1;
  }

  function grow(): void {
    slots = new Uint32Array(slots.length * 2);
    for (let number = 0; number < count; number++) insert(number);
  }

  const where = (number: number): { chunk: Buffer; from: number; to: number } => {
    const start = starts.get(number);
    const from = start & (CHUNK - 1);
    return { chunk: chunks[start >>> CHUNK_BITS] ?? Buffer.alloc(0), from, to: from + lengths.get(number) };
  };

  return {
    get count() {
      return count;
    },
    get digest() {
      return digest;
    },
    find(bytes, from, to) {
      const wanted = hash(bytes, from, to);
      for (let slot = wanted & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
        const number = (slots[slot] ?? 0) - 1;
        if (number < 0) return -1;
        if (hashes.get(number) === wanted && isName(number, bytes, from, to)) return number;
      }
    },
    add(bytes, from, to) {
      if (free + to - from > CHUNK) {
        chunks.push(Buffer.allocUnsafeSlow(CHUNK));
        free = 0;
      }
      const number = count++;
      starts.set(number, (chunks.length - 1) * CHUNK + free);
      lengths.set(number, to - from);
      const hashed = hash(bytes, from, to);
      hashes.set(number, hashed);
      const chunk = chunks.at(-1);
      // Names are short: a call out of JavaScript costs more than the copy.
      if (chunk !== undefined) for (let at = free, i = from; i < to; at++, i++) chunk[at] = bytes[i] ?? 0;
      free += to - from;
      digest = (Math.imul(digest, 0x01000193) ^ hashed) >>> 0;
      if (count * 3 > slots.length * 2) grow();
      else insert(number);
      return number;
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

/** 32 bits of FNV-1a with a final mix, over the bytes of a name. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
