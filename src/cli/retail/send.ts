// Sends what a file holds: opening stock, products if wanted, and each order once, whatever was sent before.

import { type OrderAnswer, orderIn, type Refusal, refusalIn, UnexpectedAnswer } from './answers.js';
import { currency, type RetailOrder } from './classify.js';
import type { Receipt } from './opening-stock.js';
import type { Platform } from './platform.js';

/** What became of an order on its way to the platform. */
export type Sent =
  | { readonly kind: 'accepted'; readonly alreadyThere: boolean; readonly answer: OrderAnswer; readonly position: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const stockPath = (sku: string) => `/stock/${encodeURIComponent(sku)}`;

/** Books one SKU's opening stock; booked before, it has no effect. */
export async function bookReceipt(platform: Platform, { sku, quantity, commandId }: Receipt): Promise<void> {
  const body = { warehouse: 'main', quantity, commandId };
  const answer = await platform.ask({ method: 'POST', path: `${stockPath(sku)}/receipts`, body });
  if (answer.status < 300) return;
  const { code, detail } = refusalIn(answer);
  // Booked by an earlier run that was asked for another multiple: a file's opening stock is booked once.
  if (code !== 'command-id-taken') throw new UnexpectedAnswer(`The opening stock of ${sku} was refused: ${detail}.`);
}

export interface ListedProduct {
  readonly sku: string;
  readonly description: string;
  readonly unitPrice: number | null;
}

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

export async function putProduct(platform: Platform, { sku, description, unitPrice }: ListedProduct): Promise<void> {
  const body = { description, prices: unitPrice === null ? [] : [{ currency, amount: unitPrice }] };
  const answer = await platform.ask({ method: 'PUT', path: `/products/${encodeURIComponent(sku)}`, body });
  if (answer.status >= 300) throw new UnexpectedAnswer(`The product ${sku} was refused: ${refusalIn(answer).detail}.`);
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
