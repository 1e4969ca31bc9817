// The route that tells what happened to the stock of a SKU, as an account: what was moved, why, and what was left.

import { z } from 'zod';
import { movementsOfSku, wasMoved } from '../../../projections/stock-movements/stock-movement-queries.js';
import { movementView } from '../../../projections/stock-movements/stock-movement-view.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import { cursorPosition, listOf, listQuery, placeIn, showPage } from './lists.js';

const query = z.strictObject({
  ...listQuery,
  sort: z
    .enum(['-position', 'position'])
    .default('-position')
    .meta({ description: 'The newest first, or without the minus the oldest.', example: '-position' }),
  warehouse: fields.warehouse.optional().meta({ description: 'Movements in this warehouse.', example: 'main' }),
});

const place = z.object({ position: cursorPosition, part: z.int().min(0).max(1_000_000) });

const nameOf = (sku: string, { sort, warehouse }: z.output<typeof query>) =>
  `stock/movements ${JSON.stringify([sku, sort, warehouse])}`;

export const stockMovementsRoute = read({
  path: '/stock/{sku}/movements',
  operation: 'stock.read',
  summary: 'Read what happened to the stock of a SKU, newest first, with the balance after each movement',
  model: 'stock-movements',
  params: z.strictObject({ sku: fields.sku }),
  query,
  answer: listOf(movementView),
  problems: ['cursor-invalid'],
  find: async ({ params: { sku }, query }, { sql }) => {
    const cursor = placeIn(nameOf(sku, query), query.cursor, place);
    const { limit, warehouse = null, sort } = query;
    const page = await movementsOfSku(sql, sku, { limit, warehouse, descending: sort === '-position', cursor });
    return page.items.length > 0 || (await wasMoved(sql, sku)) ? page : null;
  },
  show: (page, { params, query }, position) => showPage(nameOf(params.sku, query), page, query.limit, position),
});
