// The routes that read orders. Those that send them commands are in order-commands.ts.

import { z } from 'zod';
import { fulfilmentSteps, fulfilmentView } from '../../../projections/order-events/fulfilment-steps.js';
import { eventsOfOrder, sagaOfOrder } from '../../../projections/order-events/order-event-queries.js';
import { eventView } from '../../../projections/order-events/order-event-view.js';
import { returnsOf, returnView } from '../../../projections/order-events/return-view.js';
import { orderById, orderList } from '../../../projections/orders/order-queries.js';
import { orderStatus, orderView } from '../../../projections/orders/order-view.js';
import { positionToken } from '../../../projections/shapes.js';
import { revisionTag } from '../entity-tags.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { anyOf, exactly, listRoute } from './list-route.js';
import { cursorPosition, listOf, listQuery, placeIn, showPage } from './lists.js';
import { byOrderId } from './order-answer.js';

const listOrders = listRoute({
  path: '/orders',
  operation: 'orders.read',
  summary: 'List orders, newest first',
  model: 'orders',
  item: orderView,
  list: orderList,
  sorts: ['-createdAt', 'createdAt', '-placedAt', 'placedAt', '-total', 'total'],
  filters: {
    status: anyOf(orderStatus, 'Orders of this status', 'CONFIRMED,SHIPPED'),
    customerId: anyOf(fields.customerId, 'Orders of this customer', '17850'),
    reference: exactly(fields.text(128), 'The order with this reference of its caller', 'web-10482'),
  },
  ranges: ['createdAt', 'placedAt', 'total'],
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
  etag: ({ revision }) => revisionTag(revision),
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
    const cursor = placeIn(eventList(id), query.cursor, cursorPosition);
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
export const orderReads: readonly Route[] = [listOrders, readRoute, eventsRoute, fulfilmentRoute, returnsRoute];
