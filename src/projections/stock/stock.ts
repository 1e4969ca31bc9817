// The read model of stock: a row a SKU, and a row a SKU and warehouse. Events are added up, so nothing has to be read to write.

import type { Recorded } from '../../domain/log/recorded.js';
import { movementsOf, type StockEvent, stockEvents } from '../../domain/stock/stock-events.js';
import { isAmong, type Projection, sqlMigration, unconcerned } from '../projection.js';
import { idOf } from '../shapes.js';
import { tableWriter } from '../table-writer.js';

// The collation of the key is the bytes' own: a page of a list goes on where the one before ended, on every machine.
const create = `
  CREATE TABLE stock (
    sku        text COLLATE "C" PRIMARY KEY,
    on_hand    bigint      NOT NULL,
    reserved   bigint      NOT NULL,
    updated_at timestamptz NOT NULL,
    revision   integer     NOT NULL,
    position   bigint      NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE stock_by_warehouse (
    sku        text COLLATE "C" NOT NULL,
    warehouse  text COLLATE "C" NOT NULL,
    on_hand    bigint      NOT NULL,
    reserved   bigint      NOT NULL,
    PRIMARY KEY (sku, warehouse)
  ) WITH (fillfactor = 50);
`;

/** What a batch moves of one SKU, over all warehouses. */
interface SkuChange {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly last: Recorded<StockEvent>;
}

/** What a batch moves of one SKU in one warehouse. */
interface HoldingChange {
  readonly sku: string;
  readonly warehouse: string;
  readonly onHand: number;
  readonly reserved: number;
}

const writeSkus = tableWriter<SkuChange>({
  table: 'stock',
  key: ['sku'],
  columns: [
    { name: 'sku', type: 'text', value: ({ sku }) => sku },
    { name: 'on_hand', type: 'bigint', merge: 'add', value: ({ onHand }) => onHand },
    { name: 'reserved', type: 'bigint', merge: 'add', value: ({ reserved }) => reserved },
    { name: 'updated_at', type: 'timestamptz', value: ({ last }) => last.at },
    { name: 'revision', type: 'integer', value: ({ last }) => last.revision },
    { name: 'position', type: 'bigint', value: ({ last }) => last.position },
  ],
});

const writeHoldings = tableWriter<HoldingChange>({
  table: 'stock_by_warehouse',
  key: ['sku', 'warehouse'],
  columns: [
    { name: 'sku', type: 'text', value: ({ sku }) => sku },
    { name: 'warehouse', type: 'text', value: ({ warehouse }) => warehouse },
    { name: 'on_hand', type: 'bigint', merge: 'add', value: ({ onHand }) => onHand },
    { name: 'reserved', type: 'bigint', merge: 'add', value: ({ reserved }) => reserved },
  ],
});

/** The events of a batch added up: one change a SKU, and one a SKU and warehouse. */
function addedUp(events: readonly Recorded<StockEvent>[]) {
  const skus = new Map<string, SkuChange>();
  const holdings = new Map<string, HoldingChange>();
  for (const recorded of events) {
    const sku = idOf(recorded.stream);
    let { onHand, reserved } = skus.get(sku) ?? { onHand: 0, reserved: 0 };
    for (const movement of movementsOf(recorded.event)) {
      const { warehouse } = movement;
      const key = `${warehouse}/${sku}`;
      const before = holdings.get(key) ?? { onHand: 0, reserved: 0 };
      holdings.set(key, { sku, warehouse, onHand: before.onHand + movement.onHand, reserved: before.reserved + movement.reserved });
      onHand += movement.onHand;
      reserved += movement.reserved;
    }
    skus.set(sku, { sku, onHand, reserved, last: recorded });
  }
  return { skus, holdings };
}

const concerns = isAmong<StockEvent>(stockEvents);

export const stock: Projection<Recorded<StockEvent>> = {
  name: 'stock',
  version: 1,
  migrations: [sqlMigration('stock-0001-tables', create, 'DROP TABLE stock; DROP TABLE stock_by_warehouse')],
  project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
  write: async (sql, events) => {
    const { skus, holdings } = addedUp(events);
    await writeSkus(sql, [...skus.values()]);
    await writeHoldings(sql, [...holdings.values()]);
  },
};
