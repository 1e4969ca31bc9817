import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderEvent } from '../../src/domain/order/order-events.js';
import { orderEvents } from '../../src/domain/order/order-events.js';
import type { List, ListRequest, Place } from '../../src/projections/listing.js';
import { eventsOfOrder } from '../../src/projections/order-events/order-event-queries.js';
import { type EventView, eventView, toEventView } from '../../src/projections/order-events/order-event-view.js';
import { orderById, orderList } from '../../src/projections/orders/order-queries.js';
import { evolveOrderView, type OrderView, orderView } from '../../src/projections/orders/order-view.js';
import { paymentById, paymentList } from '../../src/projections/payments/payment-queries.js';
import { type PaymentView, paymentView } from '../../src/projections/payments/payment-view.js';
import { productBySku, productList } from '../../src/projections/products/product-queries.js';
import { type ProductView, productView } from '../../src/projections/products/product-view.js';
import { isAmong } from '../../src/projections/projection.js';
import { readModels } from '../../src/projections/read-models.js';
import { batchWriter } from '../../src/projections/runtime/batch-writer.js';
import type { Page } from '../../src/projections/shapes.js';
import { type Sql, sqlOf } from '../../src/projections/sql.js';
import { stockBySku, stockList } from '../../src/projections/stock/stock-queries.js';
import { type StockView, stockView } from '../../src/projections/stock/stock-view.js';
import { warehouseById, warehouseList, warehousesByPriority } from '../../src/projections/warehouses/warehouse-queries.js';
import { type WarehouseView, warehouseView } from '../../src/projections/warehouses/warehouse-view.js';
import { asRecorded, type Happening, idFor, logId, orderNamed, received } from './story.js';
import { type Surroundings, surroundings } from './surroundings.js';

let around: Surroundings;
let sql: Sql;

const orders = Array.from({ length: 7 }, (_, n) =>
  orderNamed({
    name: `order ${n}`,
    customerId: n % 2 === 0 ? 'even' : 'odd',
    reference: n === 3 ? 'three' : null,
    lines: [
      { sku: `SKU ${n}`, quantity: 2, unitPrice: 100 },
      { sku: 'COMMON', quantity: 1, unitPrice: 50 },
    ],
  }),
);
const warehouse = (id: string, priority: number): Happening => ({
  stream: `warehouse-${id}`,
  event: { type: 'WarehouseOpened', data: { warehouse: id, name: id.toUpperCase(), region: null, priority } },
  correlationId: idFor(id),
});
const product = (sku: string): Happening => ({
  stream: `product-${sku}`,
  event: { type: 'ProductListed', data: { sku, description: `a ${sku}`, prices: [{ currency: 'GBP', amount: 100 }] } },
  correlationId: idFor(sku),
});
const happenings = [
  warehouse('main', 5),
  warehouse('north', 1),
  warehouse('old', 0),
  { stream: 'warehouse-old', event: { type: 'WarehouseClosed', data: {} }, correlationId: idFor('old') } as const,
  product('COMMON'),
  product('SKU 1'),
  received('COMMON', 100),
  ...orders.flatMap((order, n) => (n === 6 ? order.created : n === 5 ? [...order.created, ...order.requested] : order.confirmed)),
];
const log = asRecorded(happenings);

beforeAll(async () => {
  around = await surroundings();
  sql = sqlOf(around.database, logId);
  const readers = readModels.map(({ name, version }) => ({ name, version }));
  const taken = await around.checkpoints.acquire({ readers, logId, holder: 'test', ttlMs: 60_000 });
  if (taken.outcome !== 'acquired') throw new Error('held');
  const nothing = () => {};
  await batchWriter({
    ...{ database: around.database, checkpoints: around.checkpoints, lease: taken.lease, logId, onAdvance: nothing },
    members: readModels.map((projection) => ({ projection, position: null, failure: null })),
    log: { info: nothing, warn: nothing, error: nothing },
  }).write(log);
});
afterAll(() => around.close());

const newest = { by: 'createdAt', descending: true } as const;
type OrderRequest = ListRequest<'createdAt' | 'placedAt' | 'total', 'reference' | 'customerId' | 'status'>;

/** All pages of a list, a few entries each. */
async function pages<Item, Cursor>(page: (cursor: Cursor | null) => Promise<Page<Item, Cursor>>): Promise<readonly Item[][]> {
  const all: Item[][] = [];
  for (let cursor: Cursor | null = null; ; ) {
    const { items, next }: Page<Item, Cursor> = await page(cursor);
    all.push([...items]);
    if (next === null) return all;
    cursor = next;
  }
}

const everything = async <Item, Sort extends string, Filter extends string>(
  list: List<Item, Sort, Filter>,
  request: Omit<ListRequest<Sort, Filter>, 'limit' | 'cursor'>,
) => (await pages<Item, Place>((cursor) => list.page(sql, { ...request, limit: 2, cursor }))).flat();

const newestFirst = [...orders].reverse().map(({ orderId }) => orderId);

describe('orders', () => {
  it('an order that is read is byte for byte the one that its events make', async () => {
    const isOrderEvent = isAmong<OrderEvent>(orderEvents);
    for (const { orderId } of orders) {
      const folded = log
        .filter(isOrderEvent)
        .filter(({ stream }) => stream === `order-${orderId}`)
        .reduce<OrderView | null>((view, recorded) => evolveOrderView(view, recorded, logId), null);
      expect(JSON.stringify(await orderById(sql, orderId))).toBe(JSON.stringify(folded));
      orderView.strict().parse(folded);
    }
    expect(await orderById(sql, idFor('nobody'))).toBeNull();
  });

  it('are listed newest first, page by page, without a gap or a repeat', async () => {
    const listed = await pages<OrderView, Place>((cursor) => orderList.page(sql, { limit: 3, sort: newest, cursor }));
    expect(listed.map((page) => page.map(({ id }) => id))).toEqual([
      newestFirst.slice(0, 3),
      newestFirst.slice(3, 6),
      newestFirst.slice(6),
    ]);
  });

  it('are listed by status, by customer, by reference, and by all of them', async () => {
    const ids = async (filters: NonNullable<OrderRequest['filters']>) =>
      (await everything(orderList, { sort: newest, filters })).map(({ id }) => id);
    const at = (...indices: number[]) => indices.map((index) => orders[index]?.orderId);
    expect(await ids({ status: ['CONFIRMED'] })).toEqual(at(4, 3, 2, 1, 0));
    expect(await ids({ status: ['CREATED', 'CONFIRMED', 'CREATED'] })).toEqual(at(6, 4, 3, 2, 1, 0));
    expect(await ids({ customerId: ['odd'] })).toEqual(at(5, 3, 1));
    expect(await ids({ reference: ['three'] })).toEqual(at(3));
    expect(await ids({ customerId: ['odd'], status: ['CONFIRMED'] })).toEqual(at(3, 1));
    expect(await ids({ customerId: ['odd', 'even'], status: ['CONFIRMED', 'CREATED'] })).toEqual(at(6, 4, 3, 2, 1, 0));
    expect(await ids({ status: [] })).toEqual([]);
  });

  it('are listed in either direction of every sorting, between bounds', async () => {
    const ids = async (request: Omit<OrderRequest, 'limit'>) => (await everything(orderList, request)).map(({ id }) => id);
    expect(await ids({ sort: { by: 'createdAt', descending: false } })).toEqual([...newestFirst].reverse());
    // They all cost the same and were placed at the same time: the id alone decides.
    const byId = orders.map(({ orderId }) => orderId).sort();
    expect(await ids({ sort: { by: 'total', descending: false } })).toEqual(byId);
    expect(await ids({ sort: { by: 'placedAt', descending: true } })).toEqual([...byId].reverse());
    const third = await orderById(sql, orders[3]?.orderId ?? '');
    const since = { by: 'createdAt', is: 'gte', value: third?.createdAt ?? '' } as const;
    expect(await ids({ sort: newest, ranges: [since] })).toEqual(newestFirst.slice(0, 4));
    expect(await ids({ sort: newest, ranges: [{ by: 'total', is: 'gt', value: '250' }] })).toEqual([]);
  });
});

describe('events of an order', () => {
  it('are all that happened for it, over all its streams, in log order', async () => {
    const [first] = orders;
    if (first === undefined) throw new Error('no order');
    const listed = (await pages<EventView, string>((cursor) => eventsOfOrder(sql, first.orderId, { limit: 4, cursor }))).flat();
    const expected = log
      .filter(({ metadata }) => metadata.$correlationId === first.orderId)
      .map((recorded) => toEventView(recorded, logId));
    expect(JSON.stringify(listed)).toBe(JSON.stringify(expected));
    expect(listed).toHaveLength(15);
    for (const event of listed) eventView.strict().parse(event);
    expect(await eventsOfOrder(sql, idFor('nobody'), { limit: 4 })).toEqual({ items: [], next: null });
  });
});

describe('payments, stock, products and warehouses', () => {
  it('payments are found by id, and listed newest first and by order', async () => {
    const listed: readonly PaymentView[] = await everything(paymentList, { sort: newest });
    expect(listed.map(({ id }) => id)).toEqual(
      orders
        .slice(0, 6)
        .reverse()
        .map(({ paymentId }) => paymentId),
    );
    for (const payment of listed) expect(paymentView.strict().parse(await paymentById(sql, payment.id))).toEqual(payment);
    const ofOne = await everything(paymentList, { sort: newest, filters: { orderId: [orders[1]?.orderId ?? ''] } });
    expect(ofOne.map(({ id }) => id)).toEqual([orders[1]?.paymentId]);
    expect(await paymentById(sql, idFor('nobody'))).toBeNull();
  });

  it('stock is found by SKU with its warehouses and the description of the product, and listed by SKU', async () => {
    expect(stockView.strict().parse(await stockBySku(sql, 'COMMON'))).toMatchObject({
      description: 'a COMMON',
      onHand: 100,
      reserved: 5,
      available: 95,
      warehouses: [{ warehouse: 'main', onHand: 100, reserved: 5, available: 95 }],
    });
    const skus = async (descending: boolean, filters = {}) => {
      const listed: readonly StockView[] = await everything(stockList, { sort: { by: 'sku', descending }, filters });
      return listed.map(({ sku }) => sku);
    };
    expect(await skus(false)).toEqual(['COMMON', 'SKU 0', 'SKU 1', 'SKU 2', 'SKU 3', 'SKU 4']);
    expect(await skus(true, { sku: ['SKU 3', 'COMMON', 'NOTHING'] })).toEqual(['SKU 3', 'COMMON']);
    expect(await stockBySku(sql, 'NOTHING')).toBeNull();
  });

  it('products and warehouses are found and listed', async () => {
    expect(productView.strict().parse(await productBySku(sql, 'SKU 1')).description).toBe('a SKU 1');
    const listed: readonly ProductView[] = await everything(productList, { sort: { by: 'sku', descending: false } });
    expect(listed.map(({ sku }) => sku)).toEqual(['COMMON', 'SKU 1']);
    expect(await productBySku(sql, 'NOTHING')).toBeNull();
    expect(warehouseView.strict().parse(await warehouseById(sql, 'old'))).toMatchObject({ name: 'OLD', open: false });
    const houses: readonly WarehouseView[] = await everything(warehouseList, { sort: { by: 'id', descending: true } });
    expect(houses.map(({ id }) => id)).toEqual(['old', 'north', 'main']);
    expect(await warehouseById(sql, 'nowhere')).toBeNull();
    expect(await warehousesByPriority(sql)).toEqual(['north', 'main']);
  });
});
