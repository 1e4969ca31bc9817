// The route that places orders.

import { z } from 'zod';
import { type OrderRequest, placeOrder } from '../../../commands/place-order.js';
import { parsePosition } from '../../../domain/log/position.js';
import { orderById } from '../../../projections/orders/order-queries.js';
import { evolveOrderView, type OrderView, orderView } from '../../../projections/orders/order-view.js';
import { type CommandInput, command, type Written } from '../command-route.js';
import * as fields from '../fields.js';
import { begunBy, recordedFirst } from '../history.js';
import type { Services } from '../services.js';
import { contextOf, decidedOr } from './commanding.js';
import { answered, fromLog } from './order-answer.js';

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

export const placeRoute = command({
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
