// Sends the orders of a file, each once whatever was sent before.

import { type OrderAnswer, orderIn, type Refusal, refusalIn } from '../client/answers.js';
import type { ListedProduct } from '../client/catalogue.js';
import type { Platform } from '../client/platform.js';
import { currency, type RetailOrder } from './classify.js';

/** What became of an order on its way to the platform. */
export type Sent =
  | { readonly kind: 'accepted'; readonly alreadyThere: boolean; readonly answer: OrderAnswer; readonly position: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Each SKU with its newest description and its newest price above zero, in the order in which they first appear. */
export function productsOf(orders: readonly RetailOrder[]): readonly ListedProduct[] {
  const products = new Map<string, ListedProduct>();
  for (const { lines } of orders)
    for (const { sku, description, unitPrice } of lines) {
      const before = products.get(sku);
      products.set(sku, {
        sku,
        description: description ?? before?.description ?? sku,
        unitPrice: unitPrice > 0 ? unitPrice : (before?.unitPrice ?? null),
      });
    }
  return [...products.values()];
}

/** The order as a request: the same file gives the same request for ever, which is what makes sending it again safe. */
function requestOf({ reference, customerId, placedAt, lines }: RetailOrder) {
  return {
    reference,
    customerId,
    currency,
    placedAt,
    lines: lines.map(({ sku, description, quantity, unitPrice }) =>
      description === null ? { sku, quantity, unitPrice } : { sku, description, quantity, unitPrice },
    ),
    payment: { method: 'pm_card_visa' },
  };
}

export async function sendOrder(platform: Platform, order: RetailOrder): Promise<Sent> {
  const answer = await platform.ask({ method: 'POST', path: '/orders', body: requestOf(order) });
  if (answer.status >= 300) return { kind: 'refused', refusal: refusalIn(answer) };
  const accepted = orderIn(`Invoice ${order.reference}`, answer);
  return {
    kind: 'accepted',
    alreadyThere: answer.status === 200,
    answer: accepted,
    position: answer.position ?? accepted.position,
  };
}
