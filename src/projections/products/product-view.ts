// The product as the world sees it, and how its events make it.

import { z } from 'zod';
import { unreachable } from '../../domain/decider.js';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { ProductEvent } from '../../domain/product/product.js';
import { amount, currency, sku } from '../../domain/values.js';
import { idOf, times, version } from '../shapes.js';

export const productView = z.object({
  sku,
  description: z.string(),
  prices: z.array(z.object({ currency, amount })),
  ...times,
  ...version,
});
export type ProductView = z.infer<typeof productView>;
type Prices = ProductView['prices'];

function repriced(prices: Prices, { currency, amount }: { currency: string; amount: number | null }): Prices {
  const others = prices.filter((price) => price.currency !== currency);
  if (amount === null) return others;
  return [...others, { currency, amount }].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function details(prices: Prices, event: ProductEvent): Partial<ProductView> {
  switch (event.type) {
    case 'ProductListed':
      return { description: event.data.description, prices: event.data.prices.reduce<Prices>(repriced, []) };
    case 'ProductDescribed':
      return { description: event.data.description };
    case 'ProductPriceChanged':
      return { prices: repriced(prices, event.data) };
    default:
      return unreachable(event);
  }
}

/** The product after one more event of its stream; `null` before its first. */
export function evolveProductView(view: ProductView | null, recorded: Recorded<ProductEvent>, logId: string): ProductView {
  const { event, stream, at, revision } = recorded;
  const before = view ?? { sku: idOf(stream), description: '', prices: [], createdAt: at };
  return {
    ...before,
    ...details(before.prices, event),
    updatedAt: at,
    revision,
    position: formatPosition(logId, recorded.position),
  };
}
