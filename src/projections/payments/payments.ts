// The read model `payments`: a row a payment, folded from its own stream.

import type { Recorded } from '../../domain/log/recorded.js';
import { type PaymentEvent, paymentEvents } from '../../domain/payment/payment.js';
import { foldingProjection } from '../folding-projection.js';
import { sqlMigration } from '../projection.js';
import { idOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';
import { type PaymentRow, paymentColumns, viewOfRow } from './payment-rows.js';
import { evolvePayment, type PaymentFold } from './payment-view.js';

const create = `
  CREATE TABLE payments (
    id           uuid        PRIMARY KEY,
    order_id     uuid        NOT NULL,
    status       text        NOT NULL,
    currency     text,
    amount       bigint,
    authorized   bigint      NOT NULL,
    captured     bigint      NOT NULL,
    refunded     bigint      NOT NULL,
    method       text,
    gateway      json,
    failure      json,
    refunds      json        NOT NULL,
    void_waiting boolean     NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    revision     integer     NOT NULL,
    position     bigint      NOT NULL
  ) WITH (fillfactor = 60);
  CREATE INDEX payments_newest_first ON payments (created_at DESC, id DESC);
  CREATE INDEX payments_by_order ON payments (order_id, created_at DESC, id DESC);
`;

const addStatus = 'CREATE INDEX payments_by_status ON payments (status, created_at DESC, id DESC)';

const touched = { name: 'payments.touched', text: 'SELECT * FROM payments WHERE id = ANY ($1)' };
const write = tableWriter({ table: 'payments', key: ['id'], columns: paymentColumns });

async function stored(sql: Sql, events: readonly Recorded<PaymentEvent>[]): Promise<ReadonlyMap<string, PaymentFold>> {
  const begun = new Set(events.filter(({ revision }) => revision === 0).map(({ stream }) => stream));
  const ids = new Set(events.filter(({ stream }) => !begun.has(stream)).map(({ stream }) => idOf(stream)));
  if (ids.size === 0) return new Map();
  const { rows } = await sql.query<PaymentRow>(touched, [[...ids]]);
  return new Map(rows.map((row) => [row.id, { view: viewOfRow(row, sql.logId), voidWaiting: row.void_waiting }]));
}

export const payments = foldingProjection({
  name: 'payments',
  version: 1,
  migrations: [
    sqlMigration('payments-0001-table', create, 'DROP TABLE payments'),
    sqlMigration('payments-0002-status', addStatus, 'DROP INDEX payments_by_status'),
  ],
  events: paymentEvents,
  stored,
  evolve: evolvePayment,
  write,
});
