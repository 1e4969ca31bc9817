// What can be asked of the read model `order_events`.

import { formatPosition } from '../../domain/log/position.js';
import { type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import type { EventView } from './order-event-view.js';

interface EventRow {
  readonly position: bigint;
  readonly at: Date;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly version: number;
  readonly id: string;
  readonly causation_id: string;
  readonly command_id: string;
  readonly actor: string;
  readonly data: Record<string, unknown>;
}

const viewOfRow = (row: EventRow, logId: string): EventView => ({
  position: formatPosition(logId, row.position),
  at: row.at.toISOString(),
  stream: row.stream,
  revision: row.revision,
  type: row.type,
  version: row.version,
  id: row.id,
  causationId: row.causation_id,
  commandId: row.command_id,
  actor: row.actor,
  data: row.data,
});

export interface EventList {
  /** At least 1. */
  readonly limit: number;
  /** The bare position of the last event of the page before, as digits; without it from the first event on. */
  readonly cursor?: string | null;
}

const ofOrder = {
  name: 'order-events.of-order',
  text: `SELECT position, at, stream, revision, type, version, id, causation_id, command_id, actor, data
    FROM order_events WHERE order_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
};

/** Everything that happened for an order, in log order; nothing for an order that is not known. @throws Unavailable */
export async function eventsOfOrder(sql: Sql, orderId: string, { limit, cursor }: EventList): Promise<Page<EventView, string>> {
  const { rows } = await sql.query<EventRow>(ofOrder, [orderId, cursor ?? '-1', limit + 1]);
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    (last) => String(last.position),
  );
}
