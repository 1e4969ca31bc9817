// What can be asked of the read model `warehouses`.

import { listOf } from '../listing.js';
import type { Sql } from '../sql.js';
import { viewOfRow, type WarehouseRow } from './warehouse-rows.js';
import type { WarehouseView } from './warehouse-view.js';

const byId = { name: 'warehouses.by-id', text: 'SELECT * FROM warehouses WHERE id = $1' };
const openByPriority = { name: 'warehouses.open-by-priority', text: 'SELECT id FROM warehouses WHERE open ORDER BY priority, id' };

/** The warehouse of that id; `null` if there never was one. @throws Unavailable */
export async function warehouseById(sql: Sql, id: string): Promise<WarehouseView | null> {
  const { rows } = await sql.query<WarehouseRow>(byId, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

const byIdInOrder = { column: 'id', type: 'text', value: (row: WarehouseRow) => row.id } as const;

/** Warehouses by id, closed ones too. */
export const warehouseList = listOf({
  select: 'SELECT * FROM warehouses',
  id: byIdInOrder,
  sorts: { id: byIdInOrder },
  filters: {},
  itemOf: viewOfRow,
});

/** The ids of the open warehouses in the order in which they are asked for stock: lower priority first, then by id. @throws Unavailable */
export async function warehousesByPriority(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query<{ id: string }>(openByPriority);
  return rows.map(({ id }) => id);
}
