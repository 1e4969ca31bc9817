// What can be asked of the read model `warehouses`.

import { type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { viewOfRow, type WarehouseRow } from './warehouse-rows.js';
import type { WarehouseView } from './warehouse-view.js';

const byId = { name: 'warehouses.by-id', text: 'SELECT * FROM warehouses WHERE id = $1' };
const inOrder = { name: 'warehouses.list', text: 'SELECT * FROM warehouses WHERE id > $1 ORDER BY id LIMIT $2' };
const openByPriority = { name: 'warehouses.open-by-priority', text: 'SELECT id FROM warehouses WHERE open ORDER BY priority, id' };

/** The warehouse of that id; `null` if there never was one. @throws Unavailable */
export async function warehouseById(sql: Sql, id: string): Promise<WarehouseView | null> {
  const { rows } = await sql.query<WarehouseRow>(byId, [id]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

export interface WarehouseList {
  /** At least 1. */
  readonly limit: number;
  /** The last id of the page before; without it from the first on. */
  readonly cursor?: string | null;
}

/** Warehouses by id, closed ones too. @throws Unavailable */
export async function listWarehouses(sql: Sql, { limit, cursor }: WarehouseList): Promise<Page<WarehouseView, string>> {
  const { rows } = await sql.query<WarehouseRow>(inOrder, [cursor ?? '', limit + 1]);
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    (last) => last.id,
  );
}

/** The ids of the open warehouses in the order in which they are asked for stock: lower priority first, then by id. @throws Unavailable */
export async function warehousesByPriority(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query<{ id: string }>(openByPriority);
  return rows.map(({ id }) => id);
}
