// The routes of products.

import { z } from 'zod';
import { product } from '../../../domain/product/product.js';
import { productBySku, productList } from '../../../projections/products/product-queries.js';
import { evolveProductView, productView } from '../../../projections/products/product-view.js';
import { command } from '../command-route.js';
import { revisionTag } from '../entity-tags.js';
import * as fields from '../fields.js';
import { foldStream } from '../history.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { began, contextOf, decideOn } from './commanding.js';
import { anyOf, listRoute } from './list-route.js';

const bySku = z.strictObject({ sku: fields.sku });

const productBody = z.strictObject({
  description: fields.text(500),
  prices: z
    .array(z.strictObject({ currency: fields.knownCurrency, amount: fields.money }))
    .max(300)
    .refine((prices) => new Set(prices.map(({ currency }) => currency)).size === prices.length, 'must name a currency only once'),
});

export const productRoutes: readonly Route[] = [
  listRoute({
    path: '/products',
    operation: 'products.read',
    summary: 'List products by SKU',
    model: 'products',
    item: productView,
    list: productList,
    sorts: ['sku', '-sku'],
    filters: { sku: anyOf(fields.sku, 'The product of this SKU', '22465,85123A') },
  }),
  read({
    path: '/products/{sku}',
    operation: 'products.read',
    summary: 'Read a product',
    model: 'products',
    params: bySku,
    answer: productView,
    find: ({ params }, { sql }) => productBySku(sql, params.sku),
    show: (view) => view,
    etag: ({ revision }) => revisionTag(revision),
  }),
  command({
    method: 'put',
    conditions: 'revision or none',
    path: '/products/{sku}',
    operation: 'products.put',
    summary: 'List a product, or change its description and its prices to these',
    params: bySku,
    body: productBody,
    answer: productView,
    successes: { 200: 'As it shall be', 201: 'Listed' },
    refusals: [],
    execute: async (input, services) => {
      const { sku } = input.params;
      const { description, prices } = input.body;
      const wanted = { type: 'PutProduct', sku, description, prices } as const;
      const outcome = await decideOn(input, services, product, sku, wanted, contextOf(input, services));
      const view = await foldStream(services, product, sku, evolveProductView);
      if (view === null) throw new Error(`product-${sku} was written, and has no events.`);
      const location = `/api/v1/products/${encodeURIComponent(sku)}`;
      const etag = revisionTag(view.revision);
      return { ...(began(outcome) ? { status: 201, location } : { status: 200 }), body: view, position: view.position, etag };
    },
  }),
];
