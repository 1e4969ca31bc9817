// How a command to an order is answered: with the order, folded from its recorded events.

import { z } from 'zod';
import { order } from '../../../domain/order/order.js';
import { evolveOrderView, type OrderView } from '../../../projections/orders/order-view.js';
import type { Written } from '../command-route.js';
import { revisionTag } from '../entity-tags.js';
import * as fields from '../fields.js';
import { foldStream } from '../history.js';
import type { Services } from '../services.js';

/** The path's parameters of whatever is about one order. */
export const byOrderId = z.strictObject({ id: fields.uuid });

/** The answer that shows this order. */
export const answered = (view: OrderView, status: Written<OrderView>['status']): Written<OrderView> => ({
  status,
  body: view,
  position: view.position,
  etag: revisionTag(view.revision),
  ...(status === 201 ? { location: `/api/v1/orders/${view.id}` } : {}),
});

/** The order as its stream tells it. @throws Problem 503 when the store is away */
export async function fromLog(services: Services, id: string): Promise<OrderView> {
  const view = await foldStream(services, order, id, evolveOrderView);
  if (view === null) throw new Error(`order-${id} was written, and has no events.`);
  return view;
}
