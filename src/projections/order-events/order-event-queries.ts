// What can be asked of the read model `order_events`.

import { formatPosition } from '../../domain/log/position.js';
import { type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import type { EventView, PlacelessEventView } from './order-event-view.js';

interface EventRow {
  readonly position: bigint;
  readonly event: PlacelessEventView;
}

export interface EventList {
  /** At least 1. */
  readonly limit: number;
  /** The bare position of the last event of the page before, as digits; without it from the first event on. */
  readonly cursor?: string | null;
}

const ofOrder = {
  name: 'order-events.of-order',
  text: 'SELECT position, event FROM order_events WHERE order_id = $1 AND position > $2 ORDER BY position LIMIT $3',
};

/** Everything that happened for an order, in log order; nothing for an order that is not known. @throws Unavailable */
export async function eventsOfOrder(sql: Sql, orderId: string, { limit, cursor }: EventList): Promise<Page<EventView, string>> {
  const { rows } = await sql.query<EventRow>(ofOrder, [orderId, cursor ?? '-1', limit + 1]);
  return pageOf(
    rows,
    limit,
    ({ position, event }) => ({ position: formatPosition(sql.logId, position), ...event }),
    (last) => String(last.position),
  );
}

const saga = {
  name: 'order-events.saga',
  text: `SELECT position, event FROM order_events WHERE order_id = $1 AND event->>'stream' NOT LIKE 'stock-%' ORDER BY position`,
};

/** The events of an order's saga, in log order: those of its order, payment and reservation streams. @throws Unavailable */
export async function sagaOfOrder(sql: Sql, orderId: string): Promise<readonly EventView[]> {
  const { rows } = await sql.query<EventRow>(saga, [orderId]);
  return rows.map(({ position, event }) => ({ position: formatPosition(sql.logId, position), ...event }));
}
