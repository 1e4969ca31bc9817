// A warehouse as a row, and back.

import { formatPosition } from '../../domain/log/position.js';
import { bare } from '../row-values.js';
import type { Column } from '../table-writer.js';
import type { WarehouseView } from './warehouse-view.js';

export interface WarehouseRow {
  readonly id: string;
  readonly name: string;
  readonly region: string | null;
  readonly priority: bigint;
  readonly open: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly revision: number;
  readonly position: bigint;
}

/** The warehouse that a row holds, its members in the order in which the fold makes them. */
export const viewOfRow = (row: WarehouseRow, logId: string): WarehouseView => ({
  id: row.id,
  name: row.name,
  region: row.region,
  priority: Number(row.priority),
  open: row.open,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  revision: row.revision,
  position: formatPosition(logId, row.position),
});

export const warehouseColumns: readonly Column<WarehouseView>[] = [
  { name: 'id', type: 'text', value: (view) => view.id },
  { name: 'name', type: 'text', value: (view) => view.name },
  { name: 'region', type: 'text', value: (view) => view.region },
  { name: 'priority', type: 'bigint', value: (view) => view.priority },
  { name: 'open', type: 'boolean', value: (view) => view.open },
  { name: 'created_at', type: 'timestamptz', merge: 'keep', value: (view) => view.createdAt },
  { name: 'updated_at', type: 'timestamptz', value: (view) => view.updatedAt },
  { name: 'revision', type: 'integer', value: (view) => view.revision },
  { name: 'position', type: 'bigint', value: (view) => bare(view.position) },
];
