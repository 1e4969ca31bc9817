// Stock as a person reads it.

import { table, whole } from '../text.js';
import type { Movement, Stock } from './read.js';

const counts = ({ onHand, reserved, available }: Pick<Stock, 'onHand' | 'reserved' | 'available'>) =>
  [onHand, reserved, available].map(whole);

/** A line a SKU; with `byWarehouse` one a warehouse, too. */
export function stockText(all: readonly Stock[], { byWarehouse }: { readonly byWarehouse: boolean }): string {
  const rows = all.flatMap((row) => {
    const total = [row.sku, ...counts(row), row.level, row.description ?? ''];
    return byWarehouse ? [total, ...row.warehouses.map((each) => [`  ${each.warehouse}`, ...counts(each)])] : [total];
  });
  // The description stands last and is not aligned: it may be long.
  const lines = table([['', 'on hand', 'reserved', 'available', 'level'], ...rows.map((cells) => cells.slice(0, 5))]);
  return `${lines.map((line, index) => `${line}  ${rows[index - 1]?.[5] ?? ''}`.trimEnd()).join('\n')}\n`;
}

const signed = (units: number): string => (units === 0 ? '' : `${units > 0 ? '+' : ''}${whole(units)}`);

/** A line a movement, with what it left in its warehouse. */
export function movementsText(movements: readonly Movement[]): string {
  const rows = movements.map(({ at, type, warehouse, change, balance }) => [
    `${at}  ${type.padEnd(8)}  ${warehouse}`,
    signed(change.onHand),
    signed(change.reserved),
    whole(balance.onHand),
    whole(balance.available),
  ]);
  const lines = table([['', 'on hand', 'reserved', 'left on hand', 'available'], ...rows]);
  const why = movements.map(({ orderId, reason }) => reason ?? (orderId === null ? '' : `order ${orderId}`));
  return `${lines.map((line, index) => `${line}  ${why[index - 1] ?? ''}`.trimEnd()).join('\n')}\n`;
}
