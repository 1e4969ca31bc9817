// A place where stock lies. What lies there is the stock streams' matter.

import { z } from 'zod';
import { type Decider, decided, type EventOf, nothing, unreachable } from '../decider.js';
import { warehouseId } from '../values.js';

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

/** A lower priority is asked first. */
const details = { name: z.string(), region: z.string().nullable(), priority: z.int().nonnegative() };

export const warehouseEvents = {
  WarehouseOpened: z.object({ warehouse: warehouseId, ...details }),
  WarehouseChanged: z.object(details),
  WarehouseClosed: z.object({}),
};
export type WarehouseEvent = EventOf<typeof warehouseEvents>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export interface Warehouse {
  readonly status: 'NONE' | 'OPEN' | 'CLOSED';
  readonly name: string;
  readonly region: string | null;
  readonly priority: number;
}

const initialState: Warehouse = { status: 'NONE', name: '', region: null, priority: 0 };

function evolve(warehouse: Warehouse, event: WarehouseEvent): Warehouse {
  switch (event.type) {
    case 'WarehouseOpened':
    case 'WarehouseChanged': {
      const { name, region, priority } = event.data;
      return { status: 'OPEN', name, region, priority };
    }
    case 'WarehouseClosed':
      return { ...warehouse, status: 'CLOSED' };
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

/** The warehouse as it shall be: opened if there is none (a closed one opens again), else changed where it differs. */
export type WarehouseCommand = { type: 'PutWarehouse'; warehouse: string; name: string; region: string | null; priority: number };

function decide(command: WarehouseCommand, current: Warehouse) {
  const { warehouse, name, region, priority } = command;
  if (current.status !== 'OPEN')
    return decided<WarehouseEvent>({ type: 'WarehouseOpened', data: { warehouse, name, region, priority } });
  if (current.name === name && current.region === region && current.priority === priority) return nothing;
  return decided<WarehouseEvent>({ type: 'WarehouseChanged', data: { name, region, priority } });
}

export const warehouse: Decider<Warehouse, WarehouseCommand, WarehouseEvent, never> = {
  category: 'warehouse',
  initialState,
  evolve,
  decide,
};
