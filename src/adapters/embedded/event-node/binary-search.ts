// Where in something sorted a value would stand.

/** How many of so many things come first: `isBefore` holds for these, one after the other, and for none behind them. */
export function countBefore(length: number, isBefore: (at: number) => boolean): number {
  let low = 0;
  for (let high = length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
