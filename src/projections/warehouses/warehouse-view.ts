// The warehouse as the world sees it, and how its events make it. What lies in it is the stock's matter.

import { z } from 'zod';
import { unreachable } from '../../domain/decider.js';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { warehouseId } from '../../domain/values.js';
import type { WarehouseEvent } from '../../domain/warehouse/warehouse.js';
import { idOf, times, version } from '../shapes.js';

export const warehouseView = z.object({
  id: warehouseId,
  name: z.string(),
  region: z.string().nullable(),
  /** A lower one is asked first. */
  priority: z.int().nonnegative(),
  open: z.boolean(),
  ...times,
  ...version,
});
export type WarehouseView = z.infer<typeof warehouseView>;

function details(event: WarehouseEvent): Partial<WarehouseView> {
  switch (event.type) {
    case 'WarehouseOpened':
    case 'WarehouseChanged': {
      const { name, region, priority } = event.data;
      return { name, region, priority, open: true };
    }
    case 'WarehouseClosed':
      return { open: false };
    default:
      return unreachable(event);
  }
}

/** The warehouse after one more event of its stream; `null` before its first. */
export function evolveWarehouseView(view: WarehouseView | null, recorded: Recorded<WarehouseEvent>, logId: string): WarehouseView {
  const { event, stream, at, revision } = recorded;
  const before = view ?? { id: idOf(stream), name: '', region: null, priority: 0, open: false, createdAt: at };
  return { ...before, ...details(event), updatedAt: at, revision, position: formatPosition(logId, recorded.position) };
}
