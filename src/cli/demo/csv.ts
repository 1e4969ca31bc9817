// The demo's orders in the retail format: what the importer reads, without a data file.

import { columns } from '../retail/row.js';
import { productBySku } from './catalogue.js';
import type { DemoOrder } from './orders.js';

/** Invoice numbers have digits alone: the seed, and the order's number within it. */
const invoiceOf = (seed: number, number: number): string => String((seed + 1) * 1_000_000 + number);

const opening = Date.UTC(2031, 0, 6, 8);
const aDay = 86_400_000;
const everyMinutes = 7;
const invoicesADay = 80;

/** Eighty invoices a day, every seven minutes from eight o'clock on. */
const dateOf = (number: number): string => {
  const day = Math.floor((number - 1) / invoicesADay);
  const minute = ((number - 1) % invoicesADay) * everyMinutes;
  return new Date(opening + day * aDay + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');
};

const countries = ['United Kingdom', 'United Kingdom', 'United Kingdom', 'Ireland', 'France', 'Germany'] as const;
const countryOf = (customerId: string) => countries[Number(customerId) % countries.length] ?? countries[0];

const decimal = (minor: number) => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;

function* rowsOf(seed: number, { number, kind, customerId, lines }: DemoOrder): Generator<string> {
  const row = (invoice: string, sku: string, quantity: number) => {
    const { description, unitPrice } = productBySku.get(sku) ?? { description: sku, unitPrice: 0 };
    const cells = [invoice, sku, description, quantity, dateOf(number), decimal(unitPrice), customerId, countryOf(customerId)];
    return `${cells.join(',')}\n`;
  };
  const invoice = invoiceOf(seed, number);
  for (const { sku, quantity } of lines) yield row(invoice, sku, quantity);
  // As the format has it: a document of its own that takes the units back and names no invoice.
  if (kind === 'cancelled') for (const { sku, quantity } of lines) yield row(`C${invoice}`, sku, -quantity);
}

/** The lines of the file, its header first. No cell of it needs quoting. */
export function* retailCsv(seed: number, orders: Iterable<DemoOrder>): Generator<string> {
  yield `${columns.join(',')}\n`;
  for (const order of orders) yield* rowsOf(seed, order);
}
