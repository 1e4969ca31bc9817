// Chance that can be repeated: the same seed gives the same numbers.

/** Numbers from 0 to below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The items of all lists, each list's in its own order. */
export function interleaved<Item>(lists: readonly (readonly Item[])[], random: () => number): readonly Item[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const all: Item[] = [];
  while (left.length > 0) {
    const index = Math.floor(random() * left.length);
    const item = left[index]?.shift();
    if (item !== undefined) all.push(item);
    if (left[index]?.length === 0) left.splice(index, 1);
  }
  return all;
}
