// The demo's orders: each is decided by the seed and its number alone, so that more of them, or the same again, begin with the same.

import { products, scarceProducts, scarceUnits } from './catalogue.js';
import { type Chance, chanceOf, oneOf, shuffled } from './chance.js';
import { customerRankAt, linesAt, productRankAt, quantityAt } from './shape.js';

/** What an order is to come to. */
export type DemoKind = 'settles' | 'declined' | 'short' | 'cancelled' | 'capture-fails' | 'slow';

export interface DemoOrder {
  /** From 1. */
  readonly number: number;
  readonly reference: string;
  readonly kind: DemoKind;
  readonly customerId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** Of a hundred orders. */
const deck: readonly DemoKind[] = (
  [
    ['settles', 90],
    ['declined', 4],
    ['short', 2],
    ['cancelled', 2],
    ['capture-fails', 1],
    ['slow', 1],
  ] as const
).flatMap(([kind, count]) => Array.from({ length: count }, () => kind));

/** How an order of each kind is paid: Stripe's own names where Stripe has the case, the simulator's where it has not. */
export const methodOf: Readonly<Record<DemoKind, string>> = {
  settles: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  short: 'pm_card_visa',
  cancelled: 'pm_card_visa',
  'capture-fails': 'pm_sim_capture_fails',
  slow: 'pm_sim_slow',
};

/** The n-th order of a seed. */
function demoOrder(seed: number, number: number, kind: DemoKind): DemoOrder {
  const chance = chanceOf(seed, number);
  const customerId = String(20_001 + customerRankAt(chance()));
  const lines = Array.from({ length: linesAt(chance()) }, () => ordinaryLine(chance));
  if (kind === 'short') lines[0] = scarceLine(chance);
  return { number, reference: `demo-${seed}-${number}`, kind, customerId, lines };
}

function ordinaryLine(chance: Chance) {
  const { sku } = products[productRankAt(chance())] ?? products[0] ?? { sku: '' };
  return { sku, quantity: quantityAt(chance()) };
}

function scarceLine(chance: Chance) {
  const [first, ...rest] = scarceProducts;
  if (first === undefined) throw new Error('There is no scarce product.');
  return { sku: oneOf([first, ...rest], chance).sku, quantity: scarceUnits + 1 + Math.floor(chance() * 20) };
}

/** The orders of a seed with the numbers from `first` to `last`, both included. */
export function demoOrders(seed: number, first: number, last: number): readonly DemoOrder[] {
  const decks = new Map<number, readonly DemoKind[]>();
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const number = first + index;
    const block = Math.floor((number - 1) / deck.length);
    const kinds = decks.get(block) ?? shuffled(deck, chanceOf(seed, 'kinds', block));
    decks.set(block, kinds);
    return demoOrder(seed, number, kinds[(number - 1) % deck.length] ?? 'settles');
  });
}
