// What can be asked of the read model `products`.

import { type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { type ProductRow, viewOfRow } from './product-rows.js';
import type { ProductView } from './product-view.js';

const bySku = { name: 'products.by-sku', text: 'SELECT * FROM products WHERE sku = $1' };
const inOrder = { name: 'products.list', text: 'SELECT * FROM products WHERE sku > $1 ORDER BY sku LIMIT $2' };

/** The product of a SKU; `null` if none is listed. @throws Unavailable */
export async function productBySku(sql: Sql, sku: string): Promise<ProductView | null> {
  const { rows } = await sql.query<ProductRow>(bySku, [sku]);
  const row = rows[0];
  return row === undefined ? null : viewOfRow(row, sql.logId);
}

export interface ProductList {
  /** At least 1. */
  readonly limit: number;
  /** The last SKU of the page before; without it from the first on. */
  readonly cursor?: string | null;
}

/** Products by SKU. @throws Unavailable */
export async function listProducts(sql: Sql, { limit, cursor }: ProductList): Promise<Page<ProductView, string>> {
  const { rows } = await sql.query<ProductRow>(inOrder, [cursor ?? '', limit + 1]);
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    (last) => last.sku,
  );
}
