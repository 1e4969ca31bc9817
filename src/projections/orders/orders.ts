// The read model `orders`: a row an order, folded from the order's own stream.

import type { Recorded } from '../../domain/log/recorded.js';
import { type OrderEvent, orderEvents } from '../../domain/order/order-events.js';
import { foldingProjection } from '../folding-projection.js';
import { sqlMigration } from '../projection.js';
import { idOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';
import { type OrderRow, orderColumns, viewOfRow } from './order-rows.js';
import { evolveOrderView, type OrderView } from './order-view.js';

// Documents are `json`, not `jsonb`: nothing searches them, and they keep the order of their members, so that an order that is read from
// here is byte for byte the one that a command answered with under the same ETag. `lines` may be null on the way in only ("as they are").
const create = `
  CREATE TABLE orders (
    id           uuid        PRIMARY KEY,
    reference    text,
    customer_id  text        NOT NULL,
    status       text        NOT NULL,
    cancelling   boolean     NOT NULL,
    currency     text        NOT NULL,
    total        bigint      NOT NULL,
    lines        json,
    payment_id   uuid,
    shipment     json,
    cancellation json,
    timeline     json        NOT NULL,
    attention    json,
    placed_at    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    revision     integer     NOT NULL,
    position     bigint      NOT NULL
  ) WITH (fillfactor = 80);
  CREATE INDEX orders_newest_first ON orders (created_at DESC, id DESC);
  CREATE INDEX orders_by_status ON orders (status, created_at DESC, id DESC);
  CREATE INDEX orders_by_customer ON orders (customer_id, created_at DESC, id DESC);
  CREATE INDEX orders_by_reference ON orders (reference, created_at DESC, id DESC) WHERE reference IS NOT NULL;
`;

const addSorts = `
  CREATE INDEX orders_by_placed_at ON orders (placed_at DESC, id DESC);
  CREATE INDEX orders_by_total ON orders (total DESC, id DESC);
`;

const touched = {
  name: 'orders.touched',
  text: `SELECT id, reference, customer_id, status, cancelling, currency, total, CASE WHEN id = ANY ($2) THEN lines END AS lines,
      payment_id, shipment, cancellation, timeline, attention, placed_at, created_at, updated_at, revision, position
    FROM orders WHERE id = ANY ($1)`,
};

const write = tableWriter({ table: 'orders', key: ['id'], columns: orderColumns });

/** The rows that the events go on from, with their lines where an event changes those. */
async function stored(sql: Sql, events: readonly Recorded<OrderEvent>[]): Promise<ReadonlyMap<string, OrderView>> {
  const known = new Set<string>();
  const needingLines = new Set<string>();
  const created = new Set<string>();
  for (const { event, stream } of events) {
    const id = idOf(stream);
    if (event.type === 'OrderCreated') created.add(id);
    else if (!created.has(id)) {
      known.add(id);
      if (event.type === 'OrderInventoryReserved') needingLines.add(id);
    }
  }
  if (known.size === 0) return new Map();
  const { rows } = await sql.query<OrderRow>(touched, [[...known], [...needingLines]]);
  return new Map(rows.map((row) => [row.id, viewOfRow(row, sql.logId)]));
}

export const orders = foldingProjection({
  name: 'orders',
  version: 1,
  migrations: [
    sqlMigration('orders-0001-table', create, 'DROP TABLE orders'),
    sqlMigration('orders-0002-sorts', addSorts, 'DROP INDEX orders_by_placed_at; DROP INDEX orders_by_total'),
  ],
  events: orderEvents,
  stored,
  evolve: evolveOrderView,
  write,
});
