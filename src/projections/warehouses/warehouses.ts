// The read model `warehouses`: a row a warehouse, folded from its stream.

import type { Recorded } from '../../domain/log/recorded.js';
import { type WarehouseEvent, warehouseEvents } from '../../domain/warehouse/warehouse.js';
import { foldingProjection, idsOf } from '../folding-projection.js';
import { sqlMigration } from '../projection.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';
import { viewOfRow, type WarehouseRow, warehouseColumns } from './warehouse-rows.js';
import { evolveWarehouseView, type WarehouseView } from './warehouse-view.js';

const create = `
  CREATE TABLE warehouses (
    id         text COLLATE "C" PRIMARY KEY,
    name       text        NOT NULL,
    region     text,
    priority   bigint      NOT NULL,
    open       boolean     NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    revision   integer     NOT NULL,
    position   bigint      NOT NULL
  )`;

const touched = { name: 'warehouses.touched', text: 'SELECT * FROM warehouses WHERE id = ANY ($1)' };
const write = tableWriter({ table: 'warehouses', key: ['id'], columns: warehouseColumns });

async function stored(sql: Sql, events: readonly Recorded<WarehouseEvent>[]): Promise<ReadonlyMap<string, WarehouseView>> {
  const { rows } = await sql.query<WarehouseRow>(touched, [idsOf(events)]);
  return new Map(rows.map((row) => [row.id, viewOfRow(row, sql.logId)]));
}

export const warehouses = foldingProjection({
  name: 'warehouses',
  version: 1,
  migrations: [sqlMigration('warehouses-0001-table', create, 'DROP TABLE warehouses')],
  events: warehouseEvents,
  stored,
  evolve: evolveWarehouseView,
  write,
});
