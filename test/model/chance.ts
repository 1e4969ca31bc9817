// The one source of chance of a run: the same seed gives the same run, so that a failure can be looked at again.

export interface Chance {
  /** A whole number from 0 up to, and without, this one. */
  readonly below: (limit: number) => number;
  /** True once in so many times. */
  readonly oneIn: (times: number) => boolean;
  /** One of the values; `undefined` if there are none. */
  readonly pick: <T>(values: readonly T[]) => T | undefined;
}

/** Mulberry32: small, fast, and good enough to shuffle deliveries. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, oneIn: (times) => below(times) === 0, pick: (values) => values[below(values.length)] };
}
