// Which event ids were written lately, and where: what makes a repeated append with ANY or EXISTS one append. Best effort by design, as
// in EventStoreDB: bounded, and empty after a start. Exact revisions do not need it. Numbers in arrays, not objects in a map: a collector
// of garbage that walks over tens of thousands of them again and again costs more than all lookups.

import type { StreamEntry } from './log-index.js';

export interface RecentIds {
  /** The id is a UUID in lower case. */
  remember(stream: StreamEntry, id: string, revision: number): void;
  /** The revision that this id was written at in this stream, if it is remembered. */
  find(stream: StreamEntry, id: string): number | undefined;
}

interface Generation {
  readonly count: number;
  add(key: Uint32Array, revision: number): void;
  /** -1 if it is not here. */
  find(key: Uint32Array): number;
}

/** The four words of an id, and the stream's number. */
const KEY_WORDS = 5;
const ENTRY_WORDS = KEY_WORDS + 1;

/** Remembers at least the last `capacity` ids, and at most twice as many. */
export function createRecentIds(capacity = 20_000): RecentIds {
  const key = new Uint32Array(KEY_WORDS);
  let young = createGeneration(capacity);
  let old: Generation | undefined;

  function setKey(stream: number, id: string): void {
    key.fill(0);
    let digit = 0;
    for (let i = 0; i < id.length; i++) {
      const code = id.charCodeAt(i);
      if (code === HYPHEN) continue;
      const word = (digit++ >>> 3) & 3;
      key[word] = ((key[word] ?? 0) << 4) | (code < LETTERS ? code & 15 : (code & 15) + 9);
    }
    key[KEY_WORDS - 1] = stream;
  }

  return {
    remember(stream, id, revision) {
      if (young.count >= capacity) {
        old = young;
        young = createGeneration(capacity);
      }
      setKey(stream.number, id);
      young.add(key, revision);
    },
    find(stream, id) {
      setKey(stream.number, id);
      const inYoung = young.find(key);
      const revision = inYoung >= 0 || old === undefined ? inYoung : old.find(key);
      return revision < 0 ? undefined : revision;
    },
  };
}

const HYPHEN = 0x2d;
const LETTERS = 0x61;

/** Up to so many entries behind an open-addressing hash, the last one of a key first. */
function createGeneration(capacity: number): Generation {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
  const mask = slots.length - 1;
  const entries = new Uint32Array(capacity * ENTRY_WORDS);
  let count = 0;

  function isAt(entry: number, key: Uint32Array): boolean {
    for (let word = 0; word < KEY_WORDS; word++) if (entries[entry * ENTRY_WORDS + word] !== key[word]) return false;
    return true;
  }

  /** The slot of this key, or the free one where it belongs. */
  function slotOf(key: Uint32Array): number {
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = Math.imul(hash ^ (key[word] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    let slot = (hash ^ (hash >>> 16)) & mask;
    for (;;) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry < 0 || isAt(entry, key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  return {
    get count() {
      return count;
    },
    add(key, revision) {
      entries.set(key, count * ENTRY_WORDS);
      entries[count * ENTRY_WORDS + KEY_WORDS] = revision;
      count += 1;
      slots[slotOf(key)] = count;
    },
    find(key) {
      const entry = (slots[slotOf(key)] ?? 0) - 1;
      return entry < 0 ? -1 : (entries[entry * ENTRY_WORDS + KEY_WORDS] ?? -1);
    },
  };
}
