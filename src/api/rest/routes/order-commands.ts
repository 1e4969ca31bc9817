// The routes that send commands to an order that exists.

import { z } from 'zod';
import type { Recorded } from '../../../domain/log/recorded.js';
import { order } from '../../../domain/order/order.js';
import { type OrderEvent, returnedLine } from '../../../domain/order/order-events.js';
import { type EventView, toEventView } from '../../../projections/order-events/order-event-view.js';
import { returnsOf, returnView } from '../../../projections/order-events/return-view.js';
import { type OrderView, orderView } from '../../../projections/orders/order-view.js';
import { type CommandInput, command, type Written } from '../command-route.js';
import * as fields from '../fields.js';
import { foldStream } from '../history.js';
import type { Route } from '../route.js';
import type { Services } from '../services.js';
import { contextOf, decideOn } from './commanding.js';
import { answered, byOrderId, fromLog } from './order-answer.js';

type Input<Body> = CommandInput<{ readonly id: string }, Body>;

/** Sends the command and answers with the order as it is then. */
async function send(
  input: Input<unknown>,
  services: Services,
  what: Parameters<typeof order.decide>[0],
  statusOf: (view: OrderView) => 200 | 202 = () => 200,
): Promise<Written<OrderView>> {
  const { id } = input.params;
  await decideOn(input, services, order, id, what, contextOf(input, services, { correlationId: id }));
  const view = await fromLog(services, id);
  return answered(view, statusOf(view));
}

const inFuture = ({ now }: Services, milliseconds: number): string => new Date(now() + milliseconds).toISOString();

const cancelRoute = command({
  path: '/orders/{id}/cancel',
  operation: 'orders.cancel',
  summary: 'Cancel an order that has not been shipped',
  params: byOrderId,
  conditions: 'revision',
  body: z.strictObject({ reason: fields.text(500).optional() }),
  bodyOptional: true,
  answer: orderView,
  successes: { 200: 'Cancelled', 202: 'Being cancelled: its money and its stock are on their way back' },
  refusals: ['not-found', 'order-not-cancellable'],
  execute: (input, services) => {
    const attentionAt = inFuture(services, services.attentionAfter);
    const cancel = { type: 'CancelOrder', note: input.body.reason ?? null, attentionAt } as const;
    return send(input, services, cancel, ({ status }) => (status === 'CANCELLED' ? 200 : 202));
  },
});

const shipRoute = command({
  path: '/orders/{id}/ship',
  operation: 'orders.ship',
  summary: 'Say that an order has been shipped',
  params: byOrderId,
  conditions: 'revision',
  body: z.strictObject({ carrier: fields.text(64).optional(), trackingNumber: fields.text(128).optional() }),
  bodyOptional: true,
  answer: orderView,
  successes: { 200: 'Shipped' },
  refusals: ['not-found', 'order-not-shippable'],
  execute: (input, services) => {
    const { carrier = null, trackingNumber = null } = input.body;
    return send(input, services, {
      type: 'ShipOrder',
      carrier,
      trackingNumber,
      deliverBy: inFuture(services, services.deliverWithin),
    });
  },
});

const deliverRoute = command({
  path: '/orders/{id}/deliver',
  operation: 'orders.deliver',
  summary: 'Say that an order has been delivered',
  params: byOrderId,
  conditions: 'revision',
  body: z.strictObject({}),
  bodyOptional: true,
  answer: orderView,
  successes: { 200: 'Delivered' },
  refusals: ['not-found', 'order-not-deliverable'],
  execute: (input, services) => send(input, services, { type: 'DeliverOrder' }),
});

const clearRoute = command({
  path: '/orders/{id}/attention/clear',
  operation: 'orders.clear-attention',
  summary: 'Say that what an order needed a person for has been seen to; a refund that failed is then tried again',
  params: byOrderId,
  conditions: 'revision',
  body: z.strictObject({ note: fields.text(500) }),
  answer: orderView,
  successes: { 200: 'Cleared' },
  refusals: ['not-found'],
  execute: (input, services) => send(input, services, { type: 'ClearAttention', note: input.body.note }),
});

const returnBody = z.strictObject({
  lines: z
    .array(z.strictObject({ line: z.int().min(1).max(2000), quantity: fields.quantity, condition: returnedLine.shape.condition }))
    .min(1)
    .max(2000),
  reason: fields.text(500).optional(),
});

async function acceptReturn(
  input: Input<z.output<typeof returnBody>>,
  services: Services,
): Promise<Written<z.infer<typeof returnView>>> {
  const { id } = input.params;
  const { lines, reason = null } = input.body;
  const returnId = input.idOf('return');
  const attentionAt = inFuture(services, services.attentionAfter);
  const command = { type: 'ReturnOrder', returnId, refundId: input.idOf('refund'), reason, lines, attentionAt } as const;
  await decideOn(input, services, order, id, command, contextOf(input, services, { correlationId: id }));
  const shown = (events: EventView[] | null, recorded: Recorded<OrderEvent>, logId: string) => [
    ...(events ?? []),
    toEventView(recorded, logId),
  ];
  const events = await foldStream(services, order, id, shown);
  const accepted = returnsOf(events ?? []).find((one) => one.id === returnId);
  if (accepted === undefined) throw new Error(`order-${id} accepted the return ${returnId}, and does not have it.`);
  return { status: 201, body: accepted, position: accepted.position, location: `/api/v1/orders/${id}/returns` };
}

const returnRoute = command({
  path: '/orders/{id}/returns',
  operation: 'orders.return',
  summary: 'Take back shipped goods: they are refunded at the price of their lines, and go back into stock unless they are damaged',
  params: byOrderId,
  conditions: 'revision',
  body: returnBody,
  answer: returnView,
  successes: { 201: 'Accepted' },
  refusals: ['not-found', 'order-not-returnable', 'return-exceeds-shipped'],
  execute: acceptReturn,
});

/** The routes, the busiest first: they are matched in this order. */
export const orderCommands: readonly Route[] = [shipRoute, deliverRoute, cancelRoute, returnRoute, clearRoute];
