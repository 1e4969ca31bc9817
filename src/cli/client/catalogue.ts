// Books stock and lists products, each once however often it is sent.

import { refusalIn, UnexpectedAnswer } from './answers.js';
import type { Platform } from './platform.js';

/** Units that arrive in a warehouse. */
export interface Receipt {
  readonly sku: string;
  /** Without it: `main`. */
  readonly warehouse?: string;
  readonly quantity: number;
  /** A receipt is booked once a command id. */
  readonly commandId: string;
}

/** Books one SKU's opening stock; booked before, it has no effect. */
export async function bookReceipt(platform: Platform, { sku, warehouse = 'main', quantity, commandId }: Receipt): Promise<void> {
  const body = { warehouse, quantity, commandId };
  const answer = await platform.ask({ method: 'POST', path: `/stock/${encodeURIComponent(sku)}/receipts`, body });
  if (answer.status < 300) return;
  const { code, detail } = refusalIn(answer);
  // Booked by an earlier run that was asked for another quantity: opening stock is booked once.
  if (code !== 'command-id-taken') throw new UnexpectedAnswer(`The opening stock of ${sku} was refused: ${detail}.`);
}

export interface ListedProduct {
  readonly sku: string;
  readonly description: string;
  /** In minor units; `null`: no price. */
  readonly unitPrice: number | null;
}

/** Lists a product with its one price, in place of what is listed. */
export async function putProduct(
  platform: Platform,
  { sku, description, unitPrice }: ListedProduct,
  currency: string,
): Promise<void> {
  const body = { description, prices: unitPrice === null ? [] : [{ currency, amount: unitPrice }] };
  const answer = await platform.ask({ method: 'PUT', path: `/products/${encodeURIComponent(sku)}`, body });
  if (answer.status >= 300) throw new UnexpectedAnswer(`The product ${sku} was refused: ${refusalIn(answer).detail}.`);
}
