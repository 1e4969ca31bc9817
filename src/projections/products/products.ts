// The read model `products`: a row a SKU, folded from its product stream.

import type { Recorded } from '../../domain/log/recorded.js';
import { type ProductEvent, productEvents } from '../../domain/product/product.js';
import { foldingProjection, idsOf } from '../folding-projection.js';
import { sqlMigration } from '../projection.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';
import { type ProductRow, productColumns, viewOfRow } from './product-rows.js';
import { evolveProductView, type ProductView } from './product-view.js';

const create = `
  CREATE TABLE products (
    sku         text COLLATE "C" PRIMARY KEY,
    description text        NOT NULL,
    prices      json        NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    revision    integer     NOT NULL,
    position    bigint      NOT NULL
  )`;

const touched = { name: 'products.touched', text: 'SELECT * FROM products WHERE sku = ANY ($1)' };
const write = tableWriter({ table: 'products', key: ['sku'], columns: productColumns });

async function stored(sql: Sql, events: readonly Recorded<ProductEvent>[]): Promise<ReadonlyMap<string, ProductView>> {
  const { rows } = await sql.query<ProductRow>(touched, [idsOf(events)]);
  return new Map(rows.map((row) => [row.sku, viewOfRow(row, sql.logId)]));
}

export const products = foldingProjection({
  name: 'products',
  version: 1,
  migrations: [sqlMigration('products-0001-table', create, 'DROP TABLE products')],
  events: productEvents,
  stored,
  evolve: evolveProductView,
  write,
});
