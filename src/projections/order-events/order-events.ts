// The read model `order_events`: everything that happened for an order, over all its streams. Rows are added, never changed.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { orderEvents as orderEventSchemas } from '../../domain/order/order-events.js';
import { paymentEvents } from '../../domain/payment/payment.js';
import { reservationEvents } from '../../domain/reservation/reservation.js';
import { type Projection, sqlMigration, unconcerned } from '../projection.js';
import { tableWriter } from '../table-writer.js';
import { placelessView } from './order-event-view.js';

// The payment's and the stock's streams do not lead back to the order: the correlation id does. The event is `json`, not `jsonb`: it is
// shown as it stands in the log, and never searched.
const create = `
  CREATE TABLE order_events (
    order_id uuid   NOT NULL,
    position bigint NOT NULL,
    event    json   NOT NULL,
    PRIMARY KEY (order_id, position)
  )`;

const ofAnOrder = new Set(Object.keys({ ...orderEventSchemas, ...paymentEvents, ...reservationEvents }));

const ofAnOrdersStock = new Set(['StockReserved', 'StockReleased', 'StockShipped', 'StockReturned']);

/** A receipt or a sale at the counter belongs to no order; a claim on stock, and what comes back, name the order they are for. */
const concerns = ({ event }: Recorded<DomainEvent>): boolean => ofAnOrder.has(event.type) || ofAnOrdersStock.has(event.type);

const write = tableWriter<Recorded<DomainEvent>>({
  table: 'order_events',
  key: ['order_id', 'position'],
  columns: [
    { name: 'order_id', type: 'uuid', merge: 'keep', value: ({ metadata }) => metadata.$correlationId },
    { name: 'position', type: 'bigint', merge: 'keep', value: ({ position }) => position },
    { name: 'event', type: 'json', merge: 'keep', value: (recorded) => JSON.stringify(placelessView(recorded)) },
  ],
});

export const orderEvents: Projection<Recorded<DomainEvent>> = {
  name: 'order-events',
  version: 1,
  migrations: [sqlMigration('order-events-0001-table', create, 'DROP TABLE order_events')],
  project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
  write,
};
