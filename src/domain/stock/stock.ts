// The stock of one SKU over all warehouses: the arbiter of who gets the unit. What a whole order gets is the reservation's matter. Its
// events are in stock-events.ts, its state in stock-state.ts.

import { type Decider, decided, nothing, refused, unreachable } from '../decider.js';
import { mayHaveForgotten, recall } from './bounded-memory.js';
import { movementsOf, type Portion, type StockEvent } from './stock-events.js';
import { available, availableIn, type CountEvent, evolve, initialState, meaningOf, type Stock } from './stock-state.js';

export { type StockEvent, stockEvents } from './stock-events.js';
export { available, type Stock } from './stock-state.js';

// ── Commands ────────────────────────────────────────────────────────────────────────────────────

/** Commands that move units without an order's claim. Nothing else names them, so each carries an id. */
export type CountCommand =
  | {
      type: 'ReceiveStock';
      commandId: string;
      warehouse: string;
      quantity: number;
      unitCost: number | null;
      currency: string | null;
    }
  /** `quantity` is what was found, or, below zero, what is missing; never zero. */
  | { type: 'AdjustStock'; commandId: string; warehouse: string; quantity: number; reason: string }
  /** A sale at the counter. */
  | { type: 'SellItem'; commandId: string; warehouse: string; quantity: number }
  /** Goods that an order's customer sent back. */
  | {
      type: 'ReturnStock';
      commandId: string;
      returnId: string;
      orderId: string;
      warehouse: string;
      quantity: number;
      condition: 'RESALABLE' | 'DAMAGED';
    };

export type ClaimCommand =
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
  /** Only for an order that is shipped, which had all its units reserved. */
  | { type: 'ShipStock'; orderId: string; requestedAt: string };

export type StockCommand = CountCommand | ClaimCommand;

export type StockRefusal =
  | { code: 'stock-insufficient'; requested: number; available: number }
  /** `held`: what is there, damaged units included. */
  | { code: 'stock-too-large'; held: number; quantity: number }
  | { code: 'command-id-taken'; commandId: string }
  | { code: 'reservation-closed'; orderId: string }
  | { code: 'reservation-unknown'; orderId: string };

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

/** Whether a command of this id is remembered, so that the same command again decides nothing. */
export const knowsCommand = (stock: Stock, commandId: string): boolean => recall(stock.commands, commandId) !== undefined;

/** What happens if the command is granted. */
function eventOf(command: CountCommand): CountEvent {
  switch (command.type) {
    case 'ReceiveStock': {
      const { type: _, ...data } = command;
      return { type: 'StockReceived', data };
    }
    case 'AdjustStock': {
      const { type: _, ...data } = command;
      return { type: 'StockAdjusted', data };
    }
    case 'SellItem': {
      const { type: _, ...data } = command;
      return { type: 'ItemSold', data };
    }
    case 'ReturnStock': {
      const { type: _, ...data } = command;
      return { type: 'StockReturned', data };
    }
    default:
      return unreachable(command);
  }
}

/** Grants what neither takes a unit that somebody has a claim on nor makes more than can be counted. */
function count(command: CountCommand, stock: Stock) {
  const { commandId, warehouse } = command;
  const event = eventOf(command);
  const meaning = recall(stock.commands, commandId);
  if (meaning === meaningOf(event)) return nothing;
  if (meaning !== undefined) return refused<StockRefusal>({ code: 'command-id-taken', commandId });
  const gain = movementsOf(event).reduce((sum, { onHand, damaged }) => sum + onHand + damaged, 0);
  const free = Math.max(0, availableIn(stock.warehouses.get(warehouse)));
  if (free + gain < 0) return refused<StockRefusal>({ code: 'stock-insufficient', requested: -gain, available: free });
  const held = [...stock.warehouses.values()].reduce((sum, { onHand, damaged }) => sum + onHand + damaged, 0);
  if (!Number.isSafeInteger(held + gain)) return refused<StockRefusal>({ code: 'stock-too-large', held, quantity: gain });
  return decided<StockEvent>(event);
}

// ── Claims ──────────────────────────────────────────────────────────────────────────────────────

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

function claim(command: ClaimCommand, stock: Stock) {
  const { orderId, requestedAt } = command;
  const open = stock.open.get(orderId);
  const end = recall(stock.closed, orderId);
  const perhapsForgotten = mayHaveForgotten(stock.closed, BigInt(requestedAt));
  const closed = () => refused<StockRefusal>({ code: 'reservation-closed', orderId });
  const unknown = () => refused<StockRefusal>({ code: 'reservation-unknown', orderId });
  switch (command.type) {
    case 'ReserveStock': {
      const { quantity, priority } = command;
      if (open !== undefined) return nothing;
      if (end !== undefined) return closed();
      if (perhapsForgotten && command.stillOpen !== true) return unknown();
      const portions = allocate(stock, quantity, priority);
      if (portions === null)
        return refused<StockRefusal>({ code: 'stock-insufficient', requested: quantity, available: available(stock) });
      return decided<StockEvent>({ type: 'StockReserved', data: { orderId, requestedAt, portions } });
    }
    case 'ReleaseStock':
      if (open === undefined && end !== undefined) return nothing;
      // Also where nothing is open, and where it may be a repeat: what matters is that a late Reserve conflicts and finds the door closed.
      return decided<StockEvent>({ type: 'StockReleased', data: { orderId, requestedAt, portions: [...(open ?? [])] } });
    case 'ShipStock':
      if (open !== undefined)
        return decided<StockEvent>({ type: 'StockShipped', data: { orderId, requestedAt, portions: [...open] } });
      if (end === 'SHIPPED') return nothing;
      if (end === 'RELEASED') return closed();
      // A shipped order had its units reserved here. If nothing is open any more and the end of the claim may have been forgotten, then
      // it was this one: a shipped order's claim ends in no other way.
      return perhapsForgotten ? nothing : unknown();
    default:
      return unreachable(command);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

function decide(command: StockCommand, stock: Stock) {
  switch (command.type) {
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'SellItem':
    case 'ReturnStock':
      return count(command, stock);
    case 'ReserveStock':
    case 'ReleaseStock':
    case 'ShipStock':
      return claim(command, stock);
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
