// The read model `stock_movements`: a row for each warehouse that an event of a stock's stream moved units in, with the balance there after
// it. Rows are added, never changed. Beside the stock's own rows it is what explains them.

import type { Recorded } from '../../domain/log/recorded.js';
import { type StockEvent, stockEvents } from '../../domain/stock/stock-events.js';
import { isAmong, type Projection, sqlMigration, unconcerned } from '../projection.js';
import { idOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import { tableWriter } from '../table-writer.js';
import { type Moved, movedBy } from './stock-movement-view.js';

// `part` tells the movements of one event apart. The second index has the movements of one warehouse, and its balance as the last of them.
const create = `
  CREATE TABLE stock_movements (
    sku            text COLLATE "C" NOT NULL,
    position       bigint      NOT NULL,
    part           integer     NOT NULL,
    warehouse      text COLLATE "C" NOT NULL,
    type           text        NOT NULL,
    at             timestamptz NOT NULL,
    on_hand        bigint      NOT NULL,
    reserved       bigint      NOT NULL,
    damaged        bigint      NOT NULL,
    on_hand_after  bigint      NOT NULL,
    reserved_after bigint      NOT NULL,
    order_id       uuid,
    reason         text,
    command_id     uuid        NOT NULL,
    revision       integer     NOT NULL,
    PRIMARY KEY (sku, position, part)
  );
  CREATE INDEX stock_movements_by_warehouse ON stock_movements (sku, warehouse, position, part);
`;

interface Balance {
  readonly onHand: number;
  readonly reserved: number;
}

interface Line {
  readonly recorded: Recorded<StockEvent>;
  readonly sku: string;
  readonly part: number;
  readonly moved: Moved;
  readonly after: Balance;
}

const write = tableWriter<Line>({
  table: 'stock_movements',
  key: ['sku', 'position', 'part'],
  columns: [
    { name: 'sku', type: 'text', merge: 'keep', value: ({ sku }) => sku },
    { name: 'position', type: 'bigint', merge: 'keep', value: ({ recorded }) => recorded.position },
    { name: 'part', type: 'integer', merge: 'keep', value: ({ part }) => part },
    { name: 'warehouse', type: 'text', merge: 'keep', value: ({ moved }) => moved.warehouse },
    { name: 'type', type: 'text', merge: 'keep', value: ({ moved }) => moved.type },
    { name: 'at', type: 'timestamptz', merge: 'keep', value: ({ recorded }) => recorded.at },
    { name: 'on_hand', type: 'bigint', merge: 'keep', value: ({ moved }) => moved.onHand },
    { name: 'reserved', type: 'bigint', merge: 'keep', value: ({ moved }) => moved.reserved },
    { name: 'damaged', type: 'bigint', merge: 'keep', value: ({ moved }) => moved.damaged },
    { name: 'on_hand_after', type: 'bigint', merge: 'keep', value: ({ after }) => after.onHand },
    { name: 'reserved_after', type: 'bigint', merge: 'keep', value: ({ after }) => after.reserved },
    { name: 'order_id', type: 'uuid', merge: 'keep', value: ({ moved }) => moved.orderId },
    { name: 'reason', type: 'text', merge: 'keep', value: ({ moved }) => moved.reason },
    { name: 'command_id', type: 'uuid', merge: 'keep', value: ({ recorded }) => recorded.metadata.commandId },
    { name: 'revision', type: 'integer', merge: 'keep', value: ({ recorded }) => recorded.revision },
  ],
});

const balances = {
  name: 'stock-movements.balances',
  text: `SELECT touched.sku, touched.warehouse, last.on_hand_after, last.reserved_after
    FROM unnest($1::text[], $2::text[]) AS touched (sku, warehouse) CROSS JOIN LATERAL (
      SELECT on_hand_after, reserved_after FROM stock_movements AS m
      WHERE m.sku = touched.sku AND m.warehouse = touched.warehouse ORDER BY position DESC, part DESC LIMIT 1
    ) AS last`,
};

const keyOf = (sku: string, warehouse: string): string => `${warehouse}/${sku}`;

/** What the warehouses hold that a batch goes on from, by the key of each. */
async function balancesBefore(sql: Sql, skus: readonly string[], warehouses: readonly string[]): Promise<Map<string, Balance>> {
  const { rows } = await sql.query<{ sku: string; warehouse: string; on_hand_after: bigint; reserved_after: bigint }>(balances, [
    skus,
    warehouses,
  ]);
  return new Map(
    rows.map((row) => [keyOf(row.sku, row.warehouse), { onHand: Number(row.on_hand_after), reserved: Number(row.reserved_after) }]),
  );
}

const concerns = isAmong<StockEvent>(stockEvents);
const empty: Balance = { onHand: 0, reserved: 0 };

export const stockMovements: Projection<Recorded<StockEvent>> = {
  name: 'stock-movements',
  version: 1,
  migrations: [sqlMigration('stock-movements-0001-table', create, 'DROP TABLE stock_movements')],
  project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
  write: async (sql, events) => {
    const moves = events.flatMap((recorded) =>
      movedBy(recorded.event).map((moved, part) => ({ recorded, sku: idOf(recorded.stream), part, moved })),
    );
    const touched = new Map(moves.map(({ sku, moved }) => [keyOf(sku, moved.warehouse), { sku, warehouse: moved.warehouse }]));
    const places = [...touched.values()];
    const held = await balancesBefore(
      sql,
      places.map(({ sku }) => sku),
      places.map(({ warehouse }) => warehouse),
    );
    const lines = moves.map((move): Line => {
      const key = keyOf(move.sku, move.moved.warehouse);
      const before = held.get(key) ?? empty;
      const after = { onHand: before.onHand + move.moved.onHand, reserved: before.reserved + move.moved.reserved };
      held.set(key, after);
      return { ...move, after };
    });
    await write(sql, lines);
  },
};
