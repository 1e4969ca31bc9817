// The read model `products`: a row a SKU, folded from its product stream.

import type { Recorded } from '../../domain/log/recorded.js';
import { type ProductEvent, productEvents } from '../../domain/product/product.js';
import { foldByKey, isAmong, type Projection, sqlMigration, unconcerned } from '../projection.js';
import { idOf } from '../shapes.js';
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
  const skus = new Set(events.map(({ stream }) => idOf(stream)));
  const { rows } = await sql.query<ProductRow>(touched, [[...skus]]);
  return new Map(rows.map((row) => [row.sku, viewOfRow(row, sql.logId)]));
}

const concerns = isAmong<ProductEvent>(productEvents);

export const products: Projection<Recorded<ProductEvent>> = {
  name: 'products',
  version: 1,
  migrations: [sqlMigration('products-0001-table', create, 'DROP TABLE products')],
  project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
  write: async (sql, events) => {
    const folded = foldByKey(
      events,
      ({ stream }) => idOf(stream),
      await stored(sql, events),
      (view, event) => evolveProductView(view, event, sql.logId),
    );
    await write(sql, [...folded.values()]);
  },
};
