// What is sold under a SKU: its description and its prices. Stock is another aggregate.

import { z } from 'zod';
import { type Decider, decided, type EventOf, unreachable } from '../decider.js';
import { amount, currency, sku } from '../values.js';

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

const price = z.object({ currency, amount });
export type Price = z.infer<typeof price>;

export const productEvents = {
  ProductListed: z.object({ sku, description: z.string(), prices: z.array(price) }),
  ProductDescribed: z.object({ description: z.string() }),
  /** An amount of `null` takes the price in this currency away. */
  ProductPriceChanged: z.object({ currency, amount: amount.nullable() }),
};
export type ProductEvent = EventOf<typeof productEvents>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export interface Product {
  /** `null` while the product is not listed. */
  readonly description: string | null;
  readonly prices: ReadonlyMap<string, number>;
}

const initialState: Product = { description: null, prices: new Map() };

function repriced(prices: Product['prices'], { currency, amount }: { currency: string; amount: number | null }): Product['prices'] {
  const changed = new Map(prices);
  if (amount === null) changed.delete(currency);
  else changed.set(currency, amount);
  return changed;
}

function evolve(product: Product, event: ProductEvent): Product {
  switch (event.type) {
    case 'ProductListed':
      return { description: event.data.description, prices: new Map(event.data.prices.map((p) => [p.currency, p.amount])) };
    case 'ProductDescribed':
      return { ...product, description: event.data.description };
    case 'ProductPriceChanged':
      return { ...product, prices: repriced(product.prices, event.data) };
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

/** The product as it shall be; what already is so adds nothing. */
export type ProductCommand = { type: 'PutProduct'; sku: string; description: string; prices: readonly Price[] };

function decide(command: ProductCommand, product: Product) {
  const { sku, description, prices } = command;
  if (product.description === null)
    return decided<ProductEvent>({ type: 'ProductListed', data: { sku, description, prices: [...prices] } });
  const events: ProductEvent[] = [];
  if (description !== product.description) events.push({ type: 'ProductDescribed', data: { description } });
  for (const price of prices)
    if (product.prices.get(price.currency) !== price.amount) events.push({ type: 'ProductPriceChanged', data: price });
  const kept = new Set(prices.map((price) => price.currency));
  for (const currency of product.prices.keys())
    if (!kept.has(currency)) events.push({ type: 'ProductPriceChanged', data: { currency, amount: null } });
  return decided(...events);
}

export const product: Decider<Product, ProductCommand, ProductEvent, never> = {
  category: 'product',
  initialState,
  evolve,
  decide,
};
