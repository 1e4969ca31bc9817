// The routes of warehouses.

import { z } from 'zod';
import { warehouse } from '../../../domain/warehouse/warehouse.js';
import { warehouseById, warehouseList } from '../../../projections/warehouses/warehouse-queries.js';
import { evolveWarehouseView, warehouseView } from '../../../projections/warehouses/warehouse-view.js';
import { command } from '../command-route.js';
import { revisionTag } from '../entity-tags.js';
import * as fields from '../fields.js';
import { foldStream } from '../history.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { began, contextOf, decideOn } from './commanding.js';
import { listRoute } from './list-route.js';

const byId = z.strictObject({ id: fields.warehouse });

const warehouseBody = z.strictObject({
  name: fields.text(100),
  region: fields.text(100).optional(),
  priority: z.int().min(0).max(1_000_000).default(100).meta({ description: 'A lower one is asked first.' }),
});

export const warehouseRoutes: readonly Route[] = [
  listRoute({
    path: '/warehouses',
    operation: 'warehouses.read',
    summary: 'List warehouses by id',
    model: 'warehouses',
    item: warehouseView,
    list: warehouseList,
    sorts: ['id', '-id'],
    filters: {},
  }),
  read({
    path: '/warehouses/{id}',
    operation: 'warehouses.read',
    summary: 'Read a warehouse',
    model: 'warehouses',
    params: byId,
    answer: warehouseView,
    find: ({ params }, { sql }) => warehouseById(sql, params.id),
    show: (view) => view,
    etag: ({ revision }) => revisionTag(revision),
  }),
  command({
    method: 'put',
    conditions: 'revision or none',
    path: '/warehouses/{id}',
    operation: 'warehouses.put',
    summary: 'Open a warehouse, or change it to this',
    params: byId,
    body: warehouseBody,
    answer: warehouseView,
    successes: { 200: 'As it shall be', 201: 'Opened' },
    refusals: [],
    execute: async (input, services) => {
      const { id } = input.params;
      const { name, region = null, priority } = input.body;
      const wanted = { type: 'PutWarehouse', warehouse: id, name, region, priority } as const;
      const outcome = await decideOn(input, services, warehouse, id, wanted, contextOf(input, services));
      const view = await foldStream(services, warehouse, id, evolveWarehouseView);
      if (view === null) throw new Error(`warehouse-${id} was written, and has no events.`);
      const location = `/api/v1/warehouses/${id}`;
      const etag = revisionTag(view.revision);
      return { ...(began(outcome) ? { status: 201, location } : { status: 200 }), body: view, position: view.position, etag };
    },
  }),
];
