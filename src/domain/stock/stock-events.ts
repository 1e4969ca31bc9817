// What can happen to the stock of one SKU, and how many units each event moves. Names are permanent; a changed shape is a new version with
// an upcast in the event catalogue.

import { z } from 'zod';
import { type EventOf, unreachable } from '../decider.js';
import { amount, currency, logPosition, quantity, warehouseId } from '../values.js';

const portion = z.object({ warehouse: warehouseId, quantity });
export type Portion = z.infer<typeof portion>;

/** The claim of one order. `requestedAt` is the log position of the InventoryReservationRequested behind it. */
const claim = { orderId: z.uuid(), requestedAt: logPosition };

export const stockEvents = {
  StockReceived: z.object({
    commandId: z.uuid(),
    warehouse: warehouseId,
    quantity,
    unitCost: amount.nullable(),
    currency: currency.nullable(),
  }),
  /** Units that were found, or, below zero, units that are missing. */
  StockAdjusted: z.object({ commandId: z.uuid(), warehouse: warehouseId, quantity: z.int(), reason: z.string() }),
  ItemSold: z.object({ commandId: z.uuid(), warehouse: warehouseId, quantity }),
  StockReturned: z.object({
    commandId: z.uuid(),
    returnId: z.uuid(),
    orderId: z.uuid(),
    warehouse: warehouseId,
    quantity,
    /** Damaged goods are counted apart: they are not on hand, so nobody can be promised any. */
    condition: z.enum(['RESALABLE', 'DAMAGED']),
  }),
  StockReserved: z.object({ ...claim, portions: z.array(portion).min(1) }),
  /** Without portions: nothing was open, and the order's claim on this SKU is closed for good. */
  StockReleased: z.object({ ...claim, portions: z.array(portion) }),
  StockShipped: z.object({ ...claim, portions: z.array(portion).min(1) }),
};
export type StockEvent = EventOf<typeof stockEvents>;

/** The units that an event adds in one warehouse; below zero where it takes them away. */
export interface Movement {
  readonly warehouse: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly damaged: number;
}

const none = { onHand: 0, reserved: 0, damaged: 0 };

/** What an event moves, warehouse by warehouse; nothing if it only closed a claim that was not open. */
export function movementsOf(event: StockEvent): readonly Movement[] {
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
      return [{ ...none, warehouse: event.data.warehouse, onHand: event.data.quantity }];
    case 'ItemSold':
      return [{ ...none, warehouse: event.data.warehouse, onHand: -event.data.quantity }];
    case 'StockReturned': {
      const { warehouse, quantity, condition } = event.data;
      return [{ ...none, warehouse, [condition === 'DAMAGED' ? 'damaged' : 'onHand']: quantity }];
    }
    case 'StockReserved':
      return event.data.portions.map(({ warehouse, quantity }) => ({ ...none, warehouse, reserved: quantity }));
    case 'StockReleased':
      return event.data.portions.map(({ warehouse, quantity }) => ({ ...none, warehouse, reserved: -quantity }));
    case 'StockShipped':
      return event.data.portions.map(({ warehouse, quantity }) => ({ ...none, warehouse, onHand: -quantity, reserved: -quantity }));
    default:
      return unreachable(event);
  }
}
