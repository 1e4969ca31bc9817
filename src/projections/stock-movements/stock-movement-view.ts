// A movement of stock as the world sees it: what one event did to one SKU in one warehouse, and what it left there, as a line of an
// account and its balance.

import { z } from 'zod';
import { movementsOf, type StockEvent } from '../../domain/stock/stock-events.js';
import { instant, warehouseId } from '../../domain/values.js';
import { positionToken } from '../shapes.js';

const count = z.int();

export const movementType = z.enum(['RECEIVED', 'ADJUSTED', 'SOLD', 'RETURNED', 'RESERVED', 'RELEASED', 'SHIPPED']);
export type MovementType = z.infer<typeof movementType>;

export const movementView = z.object({
  position: positionToken,
  at: instant,
  type: movementType,
  warehouse: warehouseId,
  /** Units that were added; below zero, taken away. */
  change: z.object({ onHand: count, reserved: count, damaged: count }),
  /** What the warehouse has of the SKU after it. */
  balance: z.object({ onHand: count, reserved: count, available: count }),
  orderId: z.uuid().nullable(),
  reason: z.string().nullable(),
  commandId: z.uuid(),
  /** Of the stock's stream. */
  revision: z.int().nonnegative(),
});
export type MovementView = z.infer<typeof movementView>;

const types: Readonly<Record<StockEvent['type'], MovementType>> = {
  StockReceived: 'RECEIVED',
  StockAdjusted: 'ADJUSTED',
  ItemSold: 'SOLD',
  StockReturned: 'RETURNED',
  StockReserved: 'RESERVED',
  StockReleased: 'RELEASED',
  StockShipped: 'SHIPPED',
};

/** What an event moved, warehouse by warehouse, before anything is known of what was there. */
export function movedBy(event: StockEvent) {
  const orderId = 'orderId' in event.data ? event.data.orderId : null;
  const reason = event.type === 'StockAdjusted' ? event.data.reason : null;
  return movementsOf(event).map((movement) => ({ ...movement, type: types[event.type], orderId, reason }));
}
export type Moved = ReturnType<typeof movedBy>[number];
