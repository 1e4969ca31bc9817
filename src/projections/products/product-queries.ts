// What can be asked of the read model `products`.

import { listOf } from '../listing.js';
import type { Sql } from '../sql.js';
import { type ProductRow, viewOfRow } from './product-rows.js';
import type { ProductView } from './product-view.js';

const bySku = { name: 'products.by-sku', text: 'SELECT * FROM products WHERE sku = $1' };

/** The product of a SKU; `null` if none is listed. @throws Unavailable */
export async function productBySku(sql: Sql, sku: string): Promise<ProductView | null> {
  const { rows } = await sql.query<ProductRow>(bySku, [sku]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

const bySkuInOrder = { column: 'sku', type: 'text', value: (row: ProductRow) => row.sku } as const;

/** Products by SKU. */
export const productList = listOf({
  select: 'SELECT * FROM products',
  id: bySkuInOrder,
  sorts: { sku: bySkuInOrder },
  filters: { sku: { column: 'sku', type: 'text' } },
  itemOf: viewOfRow,
});
