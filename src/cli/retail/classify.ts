// Tells the invoices that are orders from those that are not, and says why. An invoice is an order as a whole or not at all; an order
// that totals nothing is sent, because refusing it is the platform's decision.

import { customerId as customerForm, sku as skuForm } from '../../domain/values.js';
import type { Invoice } from './invoices.js';

/** Why an invoice is not an order, each with what the report says of it. The first that applies counts. */
export const notAnOrder = {
  cancellation: 'a cancellation (C...): it names no invoice that it cancels',
  'bad-debt': 'an adjustment of bad debt (A...)',
  'other-document': 'its number is neither that of a sale nor of a cancellation',
  'stock-adjustment': 'no customer and no price on any row: stock that was damaged, found or thrown away',
  'no-customer': 'a row without a customer',
  'several-customers': 'its rows name several customers',
  'customer-not-admissible': 'the platform admits no such customer id',
  'quantity-not-positive': 'a row with a quantity of zero or less',
  'fractional-penny': 'a price with a fraction of a penny',
  'negative-price': 'a price below zero',
  'sku-not-admissible': 'the platform admits no such SKU',
  'too-many-lines': 'more lines than an order may have',
  'total-too-large': 'a total that cannot be held exactly',
} as const;

export type NotAnOrder = keyof typeof notAnOrder;

export interface OrderLine {
  readonly sku: string;
  readonly description: string | null;
  readonly quantity: number;
  readonly unitPrice: number;
}

export interface RetailOrder {
  /** The invoice's number. */
  readonly reference: string;
  readonly customerId: string;
  readonly placedAt: string;
  readonly lines: readonly OrderLine[];
  readonly units: number;
  /** In minor units. */
  readonly total: number;
}

export type Classified =
  | { readonly kind: 'order'; readonly order: RetailOrder }
  | { readonly kind: 'not-an-order'; readonly reason: NotAnOrder };

/** The data set's only currency. */
export const currency = 'GBP';

const mostLines = 2_000;

const not = (reason: NotAnOrder): Classified => ({ kind: 'not-an-order', reason });

function priced(invoice: Invoice): NotAnOrder | readonly OrderLine[] {
  const lines: OrderLine[] = [];
  for (const { unitPrice, ...line } of invoice.lines) {
    if (unitPrice === null) return 'fractional-penny';
    lines.push({ ...line, unitPrice });
  }
  return lines;
}

/** What the invoice is. The report counts its rows under the answer. */
export function classify(invoice: Invoice): Classified {
  const { number, customers, anonymous, placedAt } = invoice;
  if (/^C\d+$/i.test(number)) return not('cancellation');
  if (/^A\d+$/i.test(number)) return not('bad-debt');
  if (!/^\d+$/.test(number)) return not('other-document');
  const [customerId, another] = customers;
  if (customerId === undefined && invoice.lines.every((line) => line.unitPrice === 0)) return not('stock-adjustment');
  if (customerId === undefined || anonymous) return not('no-customer');
  if (another !== undefined) return not('several-customers');
  if (!customerForm.safeParse(customerId).success) return not('customer-not-admissible');
  if (invoice.lines.some((line) => line.quantity <= 0)) return not('quantity-not-positive');
  const lines = priced(invoice);
  if (typeof lines === 'string') return not(lines);
  if (lines.some((line) => line.unitPrice < 0)) return not('negative-price');
  if (lines.some((line) => !skuForm.safeParse(line.sku).success)) return not('sku-not-admissible');
  if (lines.length > mostLines) return not('too-many-lines');
  const units = lines.reduce((sum, line) => sum + line.quantity, 0);
  const total = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  // No term is below zero: if the sum is safe, so was every step.
  if (!Number.isSafeInteger(units) || !Number.isSafeInteger(total)) return not('total-too-large');
  return { kind: 'order', order: { reference: number, customerId, placedAt, lines, units, total } };
}
