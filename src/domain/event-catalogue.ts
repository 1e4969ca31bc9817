// Every event type of the platform with its schema and its version, in one place, because a type's name is unique over all streams.

import type { z } from 'zod';
import type { EventOf } from './decider.js';
import { logEvents } from './log/log-events.js';
import { orderEvents } from './order/order-events.js';
import { paymentEvents } from './payment/payment.js';
import { productEvents } from './product/product.js';
import { reservationEvents } from './reservation/reservation.js';
import { stockEvents } from './stock/stock.js';
import { warehouseEvents } from './warehouse/warehouse.js';

const schemas = {
  ...orderEvents,
  ...paymentEvents,
  ...reservationEvents,
  ...stockEvents,
  ...productEvents,
  ...warehouseEvents,
  ...logEvents,
};

export type DomainEvent = EventOf<typeof schemas>;

/** Turns the data of one version into that of the next. Pure and total over what that version's schema allowed. */
export type Upcast = (data: unknown) => unknown;

/** For each type that ever changed: the upcasts from version 1 to 2, from 2 to 3, and so on. */
const upcasts: { readonly [Type in keyof typeof schemas]?: readonly Upcast[] } = {
  OrderAttentionRaised: [(data) => ({ subject: null, ...(data as object) })],
};

export interface EventType {
  readonly schema: z.ZodType;
  /** The version that is written now: one more than there are upcasts. */
  readonly version: number;
  readonly upcasts: readonly Upcast[];
}

/** Everything known of a type; `undefined` for a type that this version of the platform does not know. */
export const eventTypes: ReadonlyMap<string, EventType> = new Map(
  Object.entries(schemas).map(([type, schema]) => {
    const steps = upcasts[type as keyof typeof schemas] ?? [];
    return [type, { schema, version: steps.length + 1, upcasts: steps }];
  }),
);

/** What the names of the platform's own streams begin with: the one filter that every reader of `$all` uses. */
export const streamPrefixes = ['order-', 'payment-', 'reservation-', 'stock-', 'product-', 'warehouse-', 'panglot-'] as const;
