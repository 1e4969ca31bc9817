// What must lie on the shelves before the orders of a file come, as receipts whose command ids repeat for ever.

import { v5 } from 'uuid';
import type { Receipt } from '../client/catalogue.js';
import type { RetailOrder } from './classify.js';

/** How much is booked: all that the orders need, nothing, or a multiple of the need. */
export type StockChoice = 'exact' | 'none' | number;

/** The namespace of the command ids of an import. Changing it books every file's stock again. */
const namespace = 'b3a1c9d2-6f0e-5b47-9a83-2f5d7e61c084';

/**
 * Receipts in SKU order. Orders that total nothing are refused, so they need nothing. The command id is the same for the same file
 * content and SKU, whatever the quantity: a file's opening stock is booked once.
 */
export function openingStock(orders: readonly RetailOrder[], contentHash: string, choice: StockChoice): readonly Receipt[] {
  if (choice === 'none') return [];
  const factor = choice === 'exact' ? 1 : choice;
  const needs = new Map<string, number>();
  for (const { total, lines } of orders) {
    if (total === 0) continue;
    for (const { sku, quantity } of lines) needs.set(sku, (needs.get(sku) ?? 0) + quantity);
  }
  return [...needs]
    .map(([sku, need]) => ({ sku, quantity: Math.ceil(need * factor), commandId: v5(`${contentHash}/${sku}`, namespace) }))
    .filter(({ quantity }) => quantity > 0)
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
