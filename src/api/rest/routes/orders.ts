// The routes of orders.

import { z } from 'zod';
import { type OrderRequest, placeOrder } from '../../../commands/place-order.js';
import { parsePosition } from '../../../domain/log/position.js';
import { order } from '../../../domain/order/order.js';
import { logPosition } from '../../../domain/values.js';
import { eventsOfOrder } from '../../../projections/order-events/order-event-queries.js';
import { eventView } from '../../../projections/order-events/order-event-view.js';
import { listOrders, type OrderFilter, orderById } from '../../../projections/orders/order-queries.js';
import { evolveOrderView, type OrderView, orderStatus, orderView } from '../../../projections/orders/order-view.js';
import { newestFirstCursor } from '../../../projections/shapes.js';
import { type CommandInput, command, type Written } from '../command-route.js';
import * as fields from '../fields.js';
import { begunBy, foldStream, recordedFirst } from '../history.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import type { Services } from '../services.js';
import { contextOf, decidedOr } from './commanding.js';
import { listOf, listQuery, placeIn, showPage } from './lists.js';

const byId = z.strictObject({ id: fields.uuid });

// ── Commands ────────────────────────────────────────────────────────────────────────────────────

const orderBody = z.strictObject({
  reference: fields.text(128).optional().meta({ description: "The caller's own number: the same one again is the same order." }),
  customerId: fields.customerId,
  currency: fields.currency,
  placedAt: fields.instant.optional(),
  lines: z
    .array(
      z.strictObject({
        sku: fields.sku,
        description: fields.text(500).optional(),
        quantity: fields.quantity,
        unitPrice: fields.money.optional(),
      }),
    )
    .min(1)
    .max(2000),
  payment: z.strictObject({ method: fields.paymentMethod }),
});
const shipmentBody = z.strictObject({ carrier: fields.text(64).optional(), trackingNumber: fields.text(128).optional() });

/** Members in a fixed order: the hash that recognises a repeated request is made of them. */
const requestOf = ({ reference, customerId, currency, placedAt, lines, payment }: z.output<typeof orderBody>): OrderRequest => ({
  reference: reference ?? null,
  customerId,
  currency,
  placedAt: placedAt ?? null,
  paymentMethod: payment.method,
  lines: lines.map(({ sku, description, quantity, unitPrice }) => ({
    sku,
    description: description ?? null,
    quantity,
    unitPrice: unitPrice ?? null,
  })),
});

const answered = (view: OrderView, status: 200 | 201): Written<OrderView> => ({
  status,
  body: view,
  position: view.position,
  etag: `"${view.revision}"`,
  ...(status === 201 ? { location: `/api/v1/orders/${view.id}` } : {}),
});

async function fromLog(services: Services, id: string): Promise<OrderView> {
  const view = await foldStream(services, order, id, evolveOrderView);
  if (view === null) throw new Error(`order-${id} was written, and has no events.`);
  return view;
}

async function place(input: CommandInput<unknown, z.output<typeof orderBody>>, services: Services): Promise<Written<OrderView>> {
  const context = { ...contextOf(input, services), principal: input.principal, orderId: input.idOf('order') };
  const { orderId, repeated, outcome } = await placeOrder(services.handler, requestOf(input.body), context);
  const { events, position } = decidedOr(outcome);
  const [created] = events;
  const stream = `order-${orderId}`;
  const first =
    created === undefined
      ? null
      : recordedFirst(created, stream, position, { ...context, correlationId: orderId }, services.appVersion);
  if (first !== null) return answered(evolveOrderView(null, first, services.logId), 201);
  // An earlier run of this command has placed it, or an earlier command with its reference.
  const placed = !repeated || (await begunBy(services, stream, context));
  return answered(await fromLog(services, orderId), placed ? 201 : 200);
}

async function whenSettled(written: Written<OrderView>, wait: number, services: Services): Promise<Written<OrderView>> {
  const { id, revision } = written.body;
  const known = parsePosition(written.position)?.commit ?? 0n;
  const settled = await services.settlement.settled(id, known, wait * 1000);
  const seen = settled ?? (await services.queriesInFlight.run(() => orderById(services.sql, id)));
  return seen === null || seen.revision < revision ? written : answered(seen, written.status);
}

async function shipOrDeliver(
  input: CommandInput<{ readonly id: string }, unknown>,
  services: Services,
  what: Parameters<typeof order.decide>[0],
): Promise<Written<OrderView>> {
  const { id } = input.params;
  decidedOr(await services.handler.handle(order, id, what, contextOf(input, services, { correlationId: id })));
  return answered(await fromLog(services, id), 200);
}

const placeRoute = command({
  path: '/orders',
  operation: 'orders.place',
  summary: 'Place an order',
  body: orderBody,
  answer: orderView,
  successes: { 201: 'Placed', 200: 'Placed before, by the same request with the same reference' },
  refusals: ['reference-taken', 'currency-unknown', 'price-unknown', 'order-total-zero', 'order-too-large'],
  execute: place,
  settle: whenSettled,
});

const shipRoute = command({
  path: '/orders/{id}/ship',
  operation: 'orders.ship',
  summary: 'Say that an order has been shipped',
  params: byId,
  body: shipmentBody,
  bodyOptional: true,
  answer: orderView,
  successes: { 200: 'Shipped' },
  refusals: ['not-found', 'order-not-shippable'],
  execute: (input, services) => {
    const { carrier = null, trackingNumber = null } = input.body;
    const deliverBy = new Date(services.now() + services.deliverWithin).toISOString();
    return shipOrDeliver(input, services, { type: 'ShipOrder', carrier, trackingNumber, deliverBy });
  },
});

const deliverRoute = command({
  path: '/orders/{id}/deliver',
  operation: 'orders.deliver',
  summary: 'Say that an order has been delivered',
  params: byId,
  body: z.strictObject({}),
  bodyOptional: true,
  answer: orderView,
  successes: { 200: 'Delivered' },
  refusals: ['not-found', 'order-not-deliverable'],
  execute: (input, services) => shipOrDeliver(input, services, { type: 'DeliverOrder' }),
});

// ── Reads ───────────────────────────────────────────────────────────────────────────────────────

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
  params: byId,
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
  params: byId,
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

/** The routes, the busiest first: they are matched in this order. */
export const orderRoutes: readonly Route[] = [placeRoute, listRoute, readRoute, eventsRoute, shipRoute, deliverRoute];
