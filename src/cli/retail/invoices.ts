// Puts rows together to invoices, wherever in the file they stand. What an invoice is worth as an order is classified elsewhere.

import type { Row } from './row.js';

export interface InvoiceLine {
  readonly sku: string;
  readonly description: string | null;
  readonly quantity: number;
  /** In minor units; `null` if it is not a whole number of them. */
  readonly unitPrice: number | null;
}

export interface Invoice {
  readonly number: string;
  /** The line of the file on which its first row ends. */
  readonly firstLine: number;
  /** Of its first row: a few invoices carry two times. */
  readonly placedAt: string;
  /** Every customer its rows name; empty if none does. */
  readonly customers: readonly string[];
  /** Whether some row names no customer. */
  readonly anonymous: boolean;
  /** One for each row, in the file's order: one SKU may stand on several. */
  readonly lines: readonly InvoiceLine[];
}

interface Gathered extends Invoice {
  anonymous: boolean;
  readonly customers: string[];
  readonly lines: InvoiceLine[];
}

/** Gathers rows in the file's order; `invoices` in the order of their first rows. */
export function invoiceGatherer(): { take(row: Row, line: number): void; invoices(): Iterable<Invoice> } {
  const gathered = new Map<string, Gathered>();
  return {
    take(row, line) {
      const { invoice: number, placedAt, customerId, sku, description, quantity, unitPrice } = row;
      let invoice = gathered.get(number);
      if (invoice === undefined) {
        invoice = { number, firstLine: line, placedAt, customers: [], anonymous: false, lines: [] };
        gathered.set(number, invoice);
      }
      if (customerId === '') invoice.anonymous = true;
      else if (!invoice.customers.includes(customerId)) invoice.customers.push(customerId);
      invoice.lines.push({ sku, description, quantity, unitPrice });
    },
    invoices: () => gathered.values(),
  };
}
