// The stock of one SKU over all warehouses: the arbiter of who gets the unit. What a whole order gets is the reservation's matter.

import { z } from 'zod';
import { type Decider, decided, type EventOf, nothing, refused, unreachable } from '../decider.js';
import { PersistentMap } from '../persistent-map.js';
import { amount, currency, logPosition, quantity, warehouseId } from '../values.js';
import { type BoundedMemory, emptyMemory, mayHaveForgotten, remembering, remembers } from './bounded-memory.js';

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

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
  StockAdjusted: z.object({ commandId: z.uuid(), warehouse: warehouseId, quantity: z.int(), reason: z.string() }),
  ItemSold: z.object({ commandId: z.uuid(), warehouse: warehouseId, quantity }),
  StockReserved: z.object({ ...claim, portions: z.array(portion).min(1) }),
  /** Without portions: nothing was open, and the order's claim on this SKU is closed for good. */
  StockReleased: z.object({ ...claim, portions: z.array(portion) }),
  StockShipped: z.object({ ...claim, portions: z.array(portion).min(1) }),
};
export type StockEvent = EventOf<typeof stockEvents>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export interface Holding {
  readonly onHand: number;
  readonly reserved: number;
}

export interface Stock {
  readonly warehouses: ReadonlyMap<string, Holding>;
  /** Open claims by order. */
  readonly open: PersistentMap<readonly Portion[]>;
  /** Orders whose claim was released or shipped. */
  readonly closed: BoundedMemory;
  /** Ids of receipts, adjustments and sales. */
  readonly commands: BoundedMemory;
}

const remembered = 4096;

const initialState: Stock = {
  warehouses: new Map(),
  open: PersistentMap.empty(),
  closed: emptyMemory(remembered),
  commands: emptyMemory(remembered),
};

/** Units of a holding that nobody has a claim on. */
export const availableIn = (holding: Holding | undefined): number =>
  holding === undefined ? 0 : holding.onHand - holding.reserved;

/** Units over all warehouses that nobody has a claim on. */
export const available = (stock: Stock): number =>
  [...stock.warehouses.values()].reduce((sum, holding) => sum + Math.max(0, availableIn(holding)), 0);

function moved(
  stock: Stock,
  portions: readonly Portion[],
  sign: { onHand: -1 | 0 | 1; reserved: -1 | 0 | 1 },
): Stock['warehouses'] {
  const warehouses = new Map(stock.warehouses);
  for (const { warehouse, quantity } of portions) {
    const holding = warehouses.get(warehouse) ?? { onHand: 0, reserved: 0 };
    warehouses.set(warehouse, {
      onHand: holding.onHand + sign.onHand * quantity,
      reserved: holding.reserved + sign.reserved * quantity,
    });
  }
  return warehouses;
}

function closing(stock: Stock, { orderId, requestedAt }: { orderId: string; requestedAt: string }) {
  return { open: stock.open.without(orderId), closed: remembering(stock.closed, orderId, BigInt(requestedAt)) };
}

function evolve(stock: Stock, event: StockEvent): Stock {
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
      return {
        ...stock,
        warehouses: moved(stock, [event.data], { onHand: 1, reserved: 0 }),
        commands: remembering(stock.commands, event.data.commandId, 0n),
      };
    case 'ItemSold':
      return {
        ...stock,
        warehouses: moved(stock, [event.data], { onHand: -1, reserved: 0 }),
        commands: remembering(stock.commands, event.data.commandId, 0n),
      };
    case 'StockReserved': {
      const { orderId, portions } = event.data;
      return { ...stock, warehouses: moved(stock, portions, { onHand: 0, reserved: 1 }), open: stock.open.with(orderId, portions) };
    }
    case 'StockReleased':
      return {
        ...stock,
        warehouses: moved(stock, event.data.portions, { onHand: 0, reserved: -1 }),
        ...closing(stock, event.data),
      };
    case 'StockShipped':
      return {
        ...stock,
        warehouses: moved(stock, event.data.portions, { onHand: -1, reserved: -1 }),
        ...closing(stock, event.data),
      };
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

export type StockCommand =
  | {
      type: 'ReceiveStock';
      commandId: string;
      warehouse: string;
      quantity: number;
      unitCost: number | null;
      currency: string | null;
    }
  | {
      type: 'ReserveStock';
      orderId: string;
      requestedAt: string;
      quantity: number;
      /** Warehouses in their order of priority; those not named come last, by id. */
      priority: readonly string[];
      /** The reservation was read and is still open: this claim was not forgotten, it is late. */
      stillOpen?: boolean;
    }
  | { type: 'ReleaseStock'; orderId: string; requestedAt: string }
  | { type: 'ShipStock'; orderId: string; requestedAt: string };

export type StockRefusal =
  | { code: 'stock-insufficient'; requested: number; available: number }
  | { code: 'stock-too-large'; onHand: number; quantity: number }
  | { code: 'reservation-closed'; orderId: string }
  | { code: 'reservation-unknown'; orderId: string };

/** Deals a quantity to warehouses: the first that can serve all of it, else a split by priority; `null` if there is not enough. */
function allocate(stock: Stock, quantity: number, priority: readonly string[]): Portion[] | null {
  const rank = new Map(priority.map((warehouse, index) => [warehouse, index]));
  const last = priority.length;
  const candidates = [...stock.warehouses]
    .map(([warehouse, holding]) => ({ warehouse, free: availableIn(holding) }))
    .filter(({ free }) => free > 0)
    .sort((a, b) => (rank.get(a.warehouse) ?? last) - (rank.get(b.warehouse) ?? last) || (a.warehouse < b.warehouse ? -1 : 1));
  const whole = candidates.find(({ free }) => free >= quantity);
  if (whole !== undefined) return [{ warehouse: whole.warehouse, quantity }];
  const portions: Portion[] = [];
  let missing = quantity;
  for (const { warehouse, free } of candidates) {
    const taken = Math.min(free, missing);
    portions.push({ warehouse, quantity: taken });
    missing -= taken;
    if (missing === 0) return portions;
  }
  return null;
}

function decide(command: StockCommand, stock: Stock) {
  switch (command.type) {
    case 'ReceiveStock': {
      if (remembers(stock.commands, command.commandId)) return nothing;
      const { type: _, ...received } = command;
      const onHand = [...stock.warehouses.values()].reduce((sum, holding) => sum + holding.onHand, 0);
      if (!Number.isSafeInteger(onHand + received.quantity))
        return refused<StockRefusal>({ code: 'stock-too-large', onHand, quantity: received.quantity });
      return decided<StockEvent>({ type: 'StockReceived', data: received });
    }
    case 'ReserveStock': {
      const { orderId, requestedAt, quantity, priority } = command;
      if (stock.open.has(orderId)) return nothing;
      if (remembers(stock.closed, orderId)) return refused<StockRefusal>({ code: 'reservation-closed', orderId });
      if (command.stillOpen !== true && mayHaveForgotten(stock.closed, BigInt(requestedAt)))
        return refused<StockRefusal>({ code: 'reservation-unknown', orderId });
      const portions = allocate(stock, quantity, priority);
      if (portions === null)
        return refused<StockRefusal>({ code: 'stock-insufficient', requested: quantity, available: available(stock) });
      return decided<StockEvent>({ type: 'StockReserved', data: { orderId, requestedAt, portions } });
    }
    case 'ReleaseStock': {
      const { orderId, requestedAt } = command;
      if (remembers(stock.closed, orderId)) return nothing;
      const portions = [...(stock.open.get(orderId) ?? [])];
      return decided<StockEvent>({ type: 'StockReleased', data: { orderId, requestedAt, portions } });
    }
    case 'ShipStock': {
      const { orderId, requestedAt } = command;
      const portions = stock.open.get(orderId);
      if (portions !== undefined)
        return decided<StockEvent>({ type: 'StockShipped', data: { orderId, requestedAt, portions: [...portions] } });
      if (remembers(stock.closed, orderId)) return nothing;
      return refused<StockRefusal>({ code: 'reservation-unknown', orderId });
    }
    default:
      return unreachable(command);
  }
}

export const stock: Decider<Stock, StockCommand, StockEvent, StockRefusal> = {
  category: 'stock',
  initialState,
  evolve,
  decide,
};
