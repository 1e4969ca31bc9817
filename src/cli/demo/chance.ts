// Chance that can be repeated: the same seeds give the same numbers on every machine and for ever. Not for secrets.

import { hash } from 'node:crypto';

/** A number from 0 (included) to 1 (excluded), another one at each call. */
export type Chance = () => number;

/** A sequence of its own for these seeds (mulberry32, started from a hash of them). */
export function chanceOf(...seeds: readonly (string | number)[]): Chance {
  let state = Number.parseInt(hash('sha256', seeds.join('/'), 'hex').slice(0, 8), 16);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them, each as likely as the others. */
export function oneOf<Item>(items: readonly [Item, ...Item[]], chance: Chance): Item {
  return items[Math.floor(chance() * items.length)] ?? items[0];
}

/** The same items in another order (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], chance: Chance): readonly Item[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(Math.floor(chance() * rest.length), 1));
}
