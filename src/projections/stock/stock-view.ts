// The stock of one SKU as the world sees it, over all warehouses. Its description is the product's.

import { z } from 'zod';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { movementsOf, type StockEvent } from '../../domain/stock/stock-events.js';
import { instant, sku, warehouseId } from '../../domain/values.js';
import { idOf, version } from '../shapes.js';

const count = z.int();

export const stockView = z.object({
  sku,
  description: z.string().nullable(),
  onHand: count,
  reserved: count,
  /** What nobody has a claim on: on hand less reserved. */
  available: count,
  level: z.enum(['OK', 'LOW', 'CRITICAL']),
  thresholds: z.object({ low: count.nullable(), critical: count.nullable() }),
  warehouses: z.array(z.object({ warehouse: warehouseId, onHand: count, reserved: count, available: count })),
  updatedAt: instant,
  ...version,
});
export type StockView = z.infer<typeof stockView>;

/** The units of a SKU in one warehouse. */
export interface HeldUnits {
  readonly warehouse: string;
  readonly onHand: number;
  readonly reserved: number;
}

/** What is known of a SKU's stock, before anything is added up. */
export interface StockFacts {
  readonly sku: string;
  readonly description: string | null;
  readonly warehouses: readonly HeldUnits[];
  readonly updatedAt: string;
  readonly revision: number;
  /** A position token. */
  readonly position: string;
}

/** The view of these facts: warehouses by id, and what follows from them. Also for the state of an aggregate, whose facts are the same. */
export function toStockView({ sku, description, warehouses, updatedAt, revision, position }: StockFacts): StockView {
  const shown = warehouses
    .map(({ warehouse, onHand, reserved }) => ({ warehouse, onHand, reserved, available: onHand - reserved }))
    .sort((a, b) => (a.warehouse < b.warehouse ? -1 : 1));
  const onHand = shown.reduce((sum, held) => sum + held.onHand, 0);
  const reserved = shown.reduce((sum, held) => sum + held.reserved, 0);
  return {
    sku,
    description,
    onHand,
    reserved,
    available: onHand - reserved,
    level: 'OK',
    thresholds: { low: null, critical: null },
    warehouses: shown,
    updatedAt,
    revision,
    position,
  };
}

/** The stock after one more event of its stream; `null` before its first. */
export function evolveStockView(view: StockView | null, recorded: Recorded<StockEvent>, logId: string): StockView {
  const held = new Map<string, HeldUnits>((view?.warehouses ?? []).map((known) => [known.warehouse, known]));
  for (const { warehouse, onHand, reserved } of movementsOf(recorded.event)) {
    const before = held.get(warehouse) ?? { onHand: 0, reserved: 0 };
    held.set(warehouse, { warehouse, onHand: before.onHand + onHand, reserved: before.reserved + reserved });
  }
  return toStockView({
    sku: view?.sku ?? idOf(recorded.stream),
    description: view?.description ?? null,
    warehouses: [...held.values()],
    updatedAt: recorded.at,
    revision: recorded.revision,
    position: formatPosition(logId, recorded.position),
  });
}
