// What lies on the demo's shelves before its orders come: what each thousand orders of the seed need, and some more. How many orders are
// asked for does not change a receipt, so that a longer demo after a shorter one finds its stock booked.

import { derivedId } from '../../commands/event-identity.js';
import type { Receipt } from '../client/catalogue.js';
import { scarceProducts, scarceUnits } from './catalogue.js';
import { type DemoOrder, demoOrders } from './orders.js';

/** The namespace of the command ids of the demo's receipts. Changing it books every demo's stock again. */
const namespace = 'd2f0b4c8-51a7-5e36-8b1d-7c94e03a6f25';
const block = 1_000;
const pack = 12;
const more = 1.25;

/** The warehouse that the demo opens beside `main`; it is asked after it. */
export const secondWarehouse = { id: 'north', name: 'Northern depot', region: 'North', priority: 200 } as const;

const isOrdinary = (sku: string): boolean => !scarceProducts.some((product) => product.sku === sku);

function needs(orders: readonly DemoOrder[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { lines } of orders)
    for (const { sku, quantity } of lines) if (isOrdinary(sku)) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** Every fifth product lies in the second warehouse, and every seventh in both. */
function shelved(sku: string, units: number): readonly { readonly warehouse: string; readonly quantity: number }[] {
  const number = Number(sku.slice(1));
  if (number % 7 === 0)
    return [
      { warehouse: 'main', quantity: Math.floor(units / 2) },
      { warehouse: secondWarehouse.id, quantity: Math.ceil(units / 2) },
    ];
  return [{ warehouse: number % 5 === 0 ? secondWarehouse.id : 'main', quantity: units }];
}

/** Receipts for so many orders of the seed, for the products that they name. */
export function demoStock(seed: number, count: number): readonly Receipt[] {
  const receipts: Receipt[] = scarceProducts.map(({ sku }) => ({
    sku,
    quantity: scarceUnits,
    commandId: derivedId(namespace, 'scarce', sku),
  }));
  for (let first = 1; first <= count; first += block) {
    const orders = demoOrders(seed, first, first + block - 1);
    const named = needs(orders.slice(0, count - first + 1));
    for (const [sku, units] of needs(orders))
      if (named.has(sku))
        for (const { warehouse, quantity } of shelved(sku, Math.ceil((units * more) / pack) * pack))
          receipts.push({ sku, warehouse, quantity, commandId: derivedId(namespace, seed, first, sku, warehouse) });
  }
  return receipts;
}
