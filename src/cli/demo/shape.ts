// The shape of a year of real sales of a gift wholesaler (UCI "Online Retail", its sales alone), as shares and quantiles: what the demo's
// orders are drawn from. No row of that data is here.

/** Points of a distribution: up to which share the value is this one. The last share is 1. */
type Points = readonly (readonly [share: number, value: number])[];

/** The value at a share, on straight lines between the points. */
function between(points: Points, share: number): number {
  const index = points.findIndex(([end]) => share < end);
  const [to, high] = points[index] ?? points.at(-1) ?? [1, 0];
  const [from, low] = points[index - 1] ?? [0, 0];
  return to === from ? high : low + ((high - low) * (share - from)) / (to - from);
}

/** The value at a share, in steps: `parts` are the share of each value in thousandths, and sum up to 1,000. */
function inSteps(parts: Points, share: number): number {
  let left = share * 1_000;
  for (const [part, value] of parts) {
    left -= part;
    if (left < 0) return value;
  }
  return parts.at(-1)?.[1] ?? 0;
}

/** Lines of an order: half have up to 15, one in twenty more than 65. */
const lines: Points = [
  [0.07, 1],
  [0.1, 2],
  [0.2, 5],
  [0.3, 8],
  [0.4, 11],
  [0.5, 15],
  [0.6, 19],
  [0.7, 24],
  [0.8, 32],
  [0.9, 48],
  [0.95, 65],
  [0.98, 89],
  [0.99, 111],
  [0.995, 136],
  [1, 240],
];
export const linesAt = (share: number): number => Math.max(1, Math.round(between(lines, share)));

/** Units of a line: ones and twos, and whole packs. */
const quantities: Points = [
  ...([
    [184, 1],
    [148, 2],
    [68, 3],
    [79, 4],
    [14, 5],
    [101, 6],
    [35, 8],
    [55, 10],
    [155, 12],
    [12, 16],
  ] as const),
  ...([
    [6, 18],
    [14, 20],
    [63, 24],
    [8, 25],
    [16, 36],
    [15, 48],
    [6, 72],
    [6, 96],
    [5, 100],
    [4, 144],
  ] as const),
  ...([
    [3, 200],
    [2, 288],
    [1, 500],
  ] as const),
];
export const quantityAt = (share: number): number => inSteps(quantities, share);

/** Prices in minor units, as often as a line has them. */
const prices: Points = [
  ...([
    [8, 19],
    [14, 29],
    [22, 39],
    [56, 42],
    [20, 55],
    [20, 65],
    [18, 83],
    [67, 85],
    [118, 125],
    [33, 145],
  ] as const),
  ...([
    [96, 165],
    [60, 195],
    [40, 208],
    [43, 210],
    [35, 255],
    [70, 295],
    [10, 325],
    [50, 375],
    [20, 415],
  ] as const),
  ...([
    [20, 425],
    [50, 495],
    [22, 595],
    [10, 675],
    [25, 795],
    [11, 825],
    [25, 850],
    [15, 995],
    [10, 1275],
  ] as const),
  ...([
    [6, 1495],
    [4, 1695],
    [2, 4250],
  ] as const),
];
export const priceAt = (share: number): number => inSteps(prices, share);

/** How many products there are to buy. */
export const productCount = 1_000;

/** The hottest product alone, the first 10, 50 and 100 (a fifth of all lines), and so on to the last. */
const popularity: Points = [
  [0.0055, 1],
  [0.035, 10],
  [0.12, 50],
  [0.195, 100],
  [0.42, 300],
  [1, productCount],
];
/** The rank of a line's product, 0 for the most popular one. */
export const productRankAt = (share: number): number => Math.floor(between(popularity, share));

export const customerCount = 400;

/** The first hundredth of the customers gives an eighth of the orders, the first tenth almost half. */
const custom: Points = [
  [0.13, 4],
  [0.43, 40],
  [0.63, 92],
  [0.83, 184],
  [1, customerCount],
];
/** The rank of an order's customer, 0 for the most faithful one. */
export const customerRankAt = (share: number): number => Math.floor(between(custom, share));
