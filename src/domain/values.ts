// The values that events and commands are made of, as zod schemas. Money is an integer count of minor units; a quantity is a
// count of whole units; a time is RFC 3339 in UTC with milliseconds.

import { z } from 'zod';

export const quantity = z.int().positive();
export const amount = z.int().nonnegative();
/** The form of an ISO 4217 code; whether the code exists is asked where a caller names one. */
export const currency = z.string().regex(/^[A-Z]{3}$/);
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
/** Whether ISO 4217 has the code, now or in the past. */
export const isKnownCurrency = (code: string): boolean => currencies.has(code);
export const instant = z.iso.datetime();
export const sku = z.string().regex(/^[A-Z0-9][A-Z0-9 ._-]{0,31}$/);
export const customerId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/);
export const warehouseId = z.string().regex(/^[a-z0-9-]{1,32}$/);
/** A position in the log: digits, because it may pass what a JSON number holds. */
export const logPosition = z.string().regex(/^\d{1,19}$/);

/** Units of one SKU that are asked for. */
export const item = z.object({ sku, quantity });
/** Units of one SKU that one warehouse gives. */
export const allocation = z.object({ sku, warehouse: warehouseId, quantity });
/** What was asked for, and what there was. */
export const shortage = z.object({ sku, requested: quantity, available: z.int().nonnegative() });

export type Item = z.infer<typeof item>;
export type Allocation = z.infer<typeof allocation>;
export type Shortage = z.infer<typeof shortage>;

/** The instant that lies so many milliseconds after another one. */
export const later = (from: string, milliseconds: number): string => new Date(Date.parse(from) + milliseconds).toISOString();

/** Quantities added up by SKU, in SKU order: the order in which stock is taken, so that two orders never each hold what the other waits for. */
export function itemsBySku(lines: readonly Item[]): readonly Item[] {
  const quantities = new Map<string, number>();
  for (const line of lines) quantities.set(line.sku, (quantities.get(line.sku) ?? 0) + line.quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
