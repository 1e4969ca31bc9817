// A product as a row, and back.

import { formatPosition } from '../../domain/log/position.js';
import { bare } from '../row-values.js';
import type { Column } from '../table-writer.js';
import type { ProductView } from './product-view.js';

export interface ProductRow {
  readonly sku: string;
  readonly description: string;
  readonly prices: ProductView['prices'];
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly revision: number;
  readonly position: bigint;
}

/** The product that a row holds, its members in the order in which the fold makes them. */
export const viewOfRow = (row: ProductRow, logId: string): ProductView => ({
  sku: row.sku,
  description: row.description,
  prices: row.prices,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  revision: row.revision,
  position: formatPosition(logId, row.position),
});

export const productColumns: readonly Column<ProductView>[] = [
  { name: 'sku', type: 'text', value: (view) => view.sku },
  { name: 'description', type: 'text', value: (view) => view.description },
  { name: 'prices', type: 'json', value: (view) => JSON.stringify(view.prices) },
  { name: 'created_at', type: 'timestamptz', merge: 'keep', value: (view) => view.createdAt },
  { name: 'updated_at', type: 'timestamptz', value: (view) => view.updatedAt },
  { name: 'revision', type: 'integer', value: (view) => view.revision },
  { name: 'position', type: 'bigint', value: (view) => bare(view.position) },
];
