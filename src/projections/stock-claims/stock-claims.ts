// The read model `stock_claims`: a row for each claim of an order on a SKU that is open. A row comes with the reservation and goes with
// the release or the shipment, so the table stays as small as what is under way.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { StockEvent } from '../../domain/stock/stock-events.js';
import { type Projection, sqlMigration, unconcerned } from '../projection.js';
import { idOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';

// `requested_at` is a position, the one of the reservation's request, and not a time: whoever ends the claim has to name it.
const create = `
  CREATE TABLE stock_claims (
    order_id     uuid        NOT NULL,
    sku          text COLLATE "C" NOT NULL,
    requested_at bigint      NOT NULL,
    reserved_at  timestamptz NOT NULL,
    position     bigint      NOT NULL,
    PRIMARY KEY (order_id, sku)
  );
  CREATE INDEX stock_claims_oldest_first ON stock_claims (reserved_at, position);
`;

type ClaimEvent = Extract<StockEvent, { type: 'StockReserved' | 'StockReleased' | 'StockShipped' }>;

const types: ReadonlySet<string> = new Set<ClaimEvent['type']>(['StockReserved', 'StockReleased', 'StockShipped']);
const concerns = (recorded: Recorded<DomainEvent>): recorded is Recorded<ClaimEvent> => types.has(recorded.event.type);

/** Keyed by what its events have in common: the order, and the stream, which is the SKU's. */
const keyOf = ({ event, stream }: Recorded<ClaimEvent>): string => `${event.data.orderId}/${stream}`;

const insert = tableWriter<Recorded<ClaimEvent>>({
  table: 'stock_claims',
  key: ['order_id', 'sku'],
  columns: [
    { name: 'order_id', type: 'uuid', value: ({ event }) => event.data.orderId },
    { name: 'sku', type: 'text', value: ({ stream }) => idOf(stream) },
    { name: 'requested_at', type: 'bigint', value: ({ event }) => event.data.requestedAt },
    { name: 'reserved_at', type: 'timestamptz', value: ({ at }) => at },
    { name: 'position', type: 'bigint', value: ({ position }) => position },
  ],
});

const deletion = {
  name: 'stock_claims.delete',
  text: `DELETE FROM stock_claims AS claim USING unnest($1::uuid[], $2::text[]) AS ended (order_id, sku)
    WHERE claim.order_id = ended.order_id AND claim.sku = ended.sku`,
};

async function remove(sql: Sql, ended: readonly Recorded<ClaimEvent>[]): Promise<void> {
  if (ended.length === 0) return;
  await sql.query(deletion, [ended.map(({ event }) => event.data.orderId), ended.map(({ stream }) => idOf(stream))]);
}

export const stockClaims: Projection<Recorded<ClaimEvent>> = {
  name: 'stock-claims',
  version: 1,
  migrations: [sqlMigration('stock-claims-0001-table', create, 'DROP TABLE stock_claims')],
  project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
  write: async (sql, events) => {
    // A claim is reserved once and ends once, so the last event of a batch says whether there is to be a row.
    const last = [...new Map(events.map((recorded) => [keyOf(recorded), recorded])).values()];
    await remove(
      sql,
      last.filter(({ event }) => event.type !== 'StockReserved'),
    );
    await insert(
      sql,
      last.filter(({ event }) => event.type === 'StockReserved'),
    );
  },
};
