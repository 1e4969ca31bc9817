// The routes that read orders. Those that send them commands are in order-commands.ts.

import { z } from 'zod';
import { logPosition } from '../../../domain/values.js';
import { fulfilmentSteps, fulfilmentView } from '../../../projections/order-events/fulfilment-steps.js';
import { eventsOfOrder, sagaOfOrder } from '../../../projections/order-events/order-event-queries.js';
import { eventView } from '../../../projections/order-events/order-event-view.js';
import { returnsOf, returnView } from '../../../projections/order-events/return-view.js';
import { listOrders, type OrderFilter, orderById } from '../../../projections/orders/order-queries.js';
import { orderStatus, orderView } from '../../../projections/orders/order-view.js';
import { newestFirstCursor, positionToken } from '../../../projections/shapes.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { listOf, listQuery, placeIn, showPage } from './lists.js';
import { byOrderId } from './order-answer.js';

const statuses = z
  .string()
  .transform((given) => given.split(','))
  .pipe(z.array(orderStatus).max(orderStatus.options.length))
  .meta({ type: 'string', description: 'One or several statuses, parted by commas.', example: 'CONFIRMED,SHIPPED' });

const ordersQuery = z.strictObject({
  ...listQuery,
  status: statuses.optional(),
  customerId: fields.customerId.optional(),
  reference: fields.text(128).optional(),
});

const filterOf = ({ status, customerId, reference }: z.output<typeof ordersQuery>): OrderFilter => ({
  ...(status === undefined ? {} : { statuses: status }),
  ...(customerId === undefined ? {} : { customerId }),
  ...(reference === undefined ? {} : { reference }),
});
const orderList = (query: z.output<typeof ordersQuery>) => `orders${JSON.stringify(filterOf(query))}`;

const listRoute = read({
  path: '/orders',
  operation: 'orders.read',
  summary: 'List orders, newest first',
  model: 'orders',
  query: ordersQuery,
  answer: listOf(orderView),
  problems: ['cursor-invalid'],
  find: ({ query }, { sql }) =>
    listOrders(sql, {
      limit: query.limit,
      cursor: placeIn(orderList(query), query.cursor, newestFirstCursor),
      filter: filterOf(query),
    }),
  show: (page, { query }, position) => showPage(orderList(query), page, query.limit, position),
});

const readRoute = read({
  path: '/orders/{id}',
  operation: 'orders.read',
  summary: 'Read an order',
  model: 'orders',
  params: byOrderId,
  answer: orderView,
  find: ({ params }, { sql }) => orderById(sql, params.id),
  show: (view) => view,
  etag: ({ revision }) => `"${revision}"`,
});

const eventList = (id: string) => `orders/${id}/events`;

const eventsRoute = read({
  path: '/orders/{id}/events',
  operation: 'orders.read-events',
  summary: 'Read everything that happened for an order, in log order',
  model: 'order-events',
  params: byOrderId,
  query: z.strictObject(listQuery),
  answer: listOf(eventView),
  problems: ['cursor-invalid'],
  find: async ({ params: { id }, query }, { sql }) => {
    const cursor = placeIn(eventList(id), query.cursor, logPosition);
    const page = await eventsOfOrder(sql, id, { limit: query.limit, cursor });
    return cursor === null && page.items.length === 0 ? null : page;
  },
  show: (page, { params, query }, position) => showPage(eventList(params.id), page, query.limit, position),
});

const fulfilmentRoute = read({
  path: '/orders/{id}/fulfilment',
  operation: 'orders.read-events',
  summary: 'Read the saga of an order step by step, and what it waits for',
  model: 'order-events',
  params: byOrderId,
  answer: fulfilmentView,
  find: async ({ params: { id } }, { sql, waitingWork }) => {
    const [events, waiting] = await Promise.all([sagaOfOrder(sql, id), waitingWork(id)]);
    return events.length === 0 ? null : fulfilmentSteps(events, waiting);
  },
  show: (steps, _, position) => ({ data: [...steps], position }),
});

const returnsRoute = read({
  path: '/orders/{id}/returns',
  operation: 'orders.read',
  summary: 'List the returns of an order',
  model: 'order-events',
  params: byOrderId,
  answer: z.object({ data: z.array(returnView), position: positionToken }),
  find: async ({ params: { id } }, { sql }) => {
    const events = await sagaOfOrder(sql, id);
    return events.length === 0 ? null : returnsOf(events);
  },
  show: (returns, _, position) => ({ data: [...returns], position }),
});

/** The routes that read orders, the busiest first: they are matched in this order. */
export const orderReads: readonly Route[] = [listRoute, readRoute, eventsRoute, fulfilmentRoute, returnsRoute];
