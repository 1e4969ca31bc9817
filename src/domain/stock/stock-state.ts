// The stock's state: what its decisions need to know, folded from its events. What is shown of stock is a projection's matter.

import { unreachable } from '../decider.js';
import { PersistentMap } from '../persistent-map.js';
import { type BoundedMemory, emptyMemory, remembering } from './bounded-memory.js';
import { type Movement, movementsOf, type Portion, type StockEvent } from './stock-events.js';

/** The units of one SKU in one warehouse. */
export interface Holding {
  readonly onHand: number;
  readonly reserved: number;
  /** Beside those on hand. */
  readonly damaged: number;
}

export interface Stock {
  readonly warehouses: ReadonlyMap<string, Holding>;
  /** Open claims by order. */
  readonly open: PersistentMap<readonly Portion[]>;
  /** Orders whose claim has ended, and how. */
  readonly closed: BoundedMemory<'RELEASED' | 'SHIPPED'>;
  /** Ids of the commands that moved units by themselves, and what each moved. */
  readonly commands: BoundedMemory<string>;
}

const remembered = 4096;

export const initialState: Stock = {
  warehouses: new Map(),
  open: PersistentMap.empty(),
  closed: emptyMemory(remembered),
  commands: emptyMemory(remembered),
};

const nothingHeld: Holding = { onHand: 0, reserved: 0, damaged: 0 };

/** Units of a holding that nobody has a claim on. */
export const availableIn = (holding: Holding | undefined): number =>
  holding === undefined ? 0 : holding.onHand - holding.reserved;

/** Units over all warehouses that nobody has a claim on. */
export const available = (stock: Stock): number =>
  [...stock.warehouses.values()].reduce((sum, holding) => sum + Math.max(0, availableIn(holding)), 0);

/** An event that was decided for a command with an id: what moves units without an order's claim. */
export type CountEvent = Extract<StockEvent, { type: 'StockReceived' | 'StockAdjusted' | 'ItemSold' | 'StockReturned' }>;

/**
 * What a command's id stands for once this was decided: told apart by it are a repeat and another command under the same id. What was
 * paid for a delivery is told of it, and is not what it is.
 */
export const meaningOf = ({ type, data }: CountEvent): string =>
  [type, data.warehouse, data.quantity, type === 'StockReturned' ? data.condition : ''].join(' ');

function moved(warehouses: Stock['warehouses'], movements: readonly Movement[]): Stock['warehouses'] {
  if (movements.length === 0) return warehouses;
  const after = new Map(warehouses);
  for (const { warehouse, onHand, reserved, damaged } of movements) {
    const before = after.get(warehouse) ?? nothingHeld;
    after.set(warehouse, {
      onHand: before.onHand + onHand,
      reserved: before.reserved + reserved,
      damaged: before.damaged + damaged,
    });
  }
  return after;
}

/** The stock after one more event. */
export function evolve(stock: Stock, event: StockEvent): Stock {
  const warehouses = moved(stock.warehouses, movementsOf(event));
  switch (event.type) {
    case 'StockReceived':
    case 'StockAdjusted':
    case 'ItemSold':
    case 'StockReturned':
      return { ...stock, warehouses, commands: remembering(stock.commands, event.data.commandId, meaningOf(event), 0n) };
    case 'StockReserved':
      return { ...stock, warehouses, open: stock.open.with(event.data.orderId, event.data.portions) };
    case 'StockReleased':
    case 'StockShipped': {
      const { orderId, requestedAt } = event.data;
      const end = event.type === 'StockShipped' ? 'SHIPPED' : 'RELEASED';
      const closed = remembering(stock.closed, orderId, end, BigInt(requestedAt));
      return { ...stock, warehouses, open: stock.open.without(orderId), closed };
    }
    default:
      return unreachable(event);
  }
}
