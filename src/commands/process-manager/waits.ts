// How long things wait in the process manager before they are tried, or looked at, again.

/** How long what cannot be done waits, in milliseconds. */
export interface Waits {
  /** How long a reaction may hold the watermark before it becomes a row. */
  readonly hold: number;
  /** From try to try of what failed, first and most. */
  readonly retry: readonly [first: number, most: number];
  /** From look to look at what is not answered yet. */
  readonly pending: readonly [first: number, most: number];
  /** How long a claim lasts: longer than any reaction. */
  readonly claim: number;
}

export const defaultWaits: Waits = { hold: 2000, retry: [1000, 300_000], pending: [60_000, 3_600_000], claim: 120_000 };
