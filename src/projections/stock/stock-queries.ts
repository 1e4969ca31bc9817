// What can be asked of the read model of stock. The description is joined from the products, which may be a moment ahead or behind.

import { formatPosition } from '../../domain/log/position.js';
import { listOf } from '../listing.js';
import type { Sql } from '../sql.js';
import { type HeldUnits, type StockView, toStockView } from './stock-view.js';

interface StockRow {
  readonly sku: string;
  readonly description: string | null;
  /** `null` if nothing was ever moved: a claim was closed before anything came in. */
  readonly warehouses: readonly HeldUnits[] | null;
  readonly updated_at: Date;
  readonly revision: number;
  readonly position: bigint;
}

const select = `
  SELECT s.sku, p.description, held.warehouses, s.updated_at, s.revision, s.position
  FROM stock AS s
  LEFT JOIN products AS p ON p.sku = s.sku
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('warehouse', w.warehouse, 'onHand', w.on_hand, 'reserved', w.reserved)) AS warehouses
    FROM stock_by_warehouse AS w WHERE w.sku = s.sku
  ) AS held`;

const bySku = { name: 'stock.by-sku', text: `${select} WHERE s.sku = $1` };

const viewOfRow = (row: StockRow, logId: string): StockView =>
  toStockView({
    sku: row.sku,
    description: row.description,
    warehouses: row.warehouses ?? [],
    updatedAt: row.updated_at.toISOString(),
    revision: row.revision,
    position: formatPosition(logId, row.position),
  });

/** The stock of a SKU; `null` if there never was any. @throws Unavailable */
export async function stockBySku(sql: Sql, sku: string): Promise<StockView | null> {
  const { rows } = await sql.query<StockRow>(bySku, [sku]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

const bySkuInOrder = { column: 's.sku', type: 'text', value: (row: StockRow) => row.sku } as const;

/** Stock by SKU. */
export const stockList = listOf({
  select,
  id: bySkuInOrder,
  sorts: { sku: bySkuInOrder },
  filters: { sku: { column: 's.sku', type: 'text' } },
  itemOf: viewOfRow,
});
