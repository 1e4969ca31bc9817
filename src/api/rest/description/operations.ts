// What the OpenAPI document says of each operation beside what its row says: its name, and examples. The examples of requests tell one
// story: sent in the order of this file to a new platform, with the ids that it gave out, each of them succeeds.

import * as views from './example-views.js';

export interface RequestExample {
  readonly summary: string;
  /** Parameters by name, where they differ from those of the document. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The status that it is answered with. */
  readonly status: number;
}

export interface OperationText {
  /** The operationId: what an SDK calls it. */
  readonly id: string;
  readonly requests: Readonly<Record<string, RequestExample>>;
  /** An answer, by status. */
  readonly answers: Readonly<Record<number, unknown>>;
}

const page = (...data: readonly unknown[]) => ({ data, page: { limit: 20, next: null }, position: 'k3f9:5146' });
const read = (summary: string, parameters: Readonly<Record<string, string>> = {}) => ({
  read: { summary, parameters, status: 200 },
});

/** By method and path, as in `POST /orders`. */
export const operationTexts: Readonly<Record<string, OperationText>> = {
  'PUT /warehouses/{id}': {
    id: 'putWarehouse',
    requests: {
      open: {
        summary: 'A second warehouse, asked after main',
        body: { name: 'Warehouse North', region: 'Leeds', priority: 200 },
        status: 201,
      },
    },
    answers: { 200: views.north, 201: views.north },
  },
  'GET /warehouses/{id}': { id: 'getWarehouse', requests: read('One warehouse'), answers: { 200: views.north } },
  'GET /warehouses': { id: 'listWarehouses', requests: read('All warehouses'), answers: { 200: page(views.north) } },
  'PUT /products/{sku}': {
    id: 'putProduct',
    requests: {
      list: {
        summary: 'A product with a price',
        body: { description: 'HANGING METAL STAR LANTERN', prices: [{ currency: 'GBP', amount: 165 }] },
        status: 201,
      },
    },
    answers: { 200: views.lantern, 201: views.lantern },
  },
  'GET /products/{sku}': { id: 'getProduct', requests: read('One product'), answers: { 200: views.lantern } },
  'GET /products': { id: 'listProducts', requests: read('The first products'), answers: { 200: page(views.lantern) } },
  'POST /stock/{sku}/receipts': {
    id: 'receiveStock',
    requests: {
      receive: {
        summary: 'A hundred units at 0.85 each',
        body: { warehouse: 'main', quantity: 100, unitCost: 85, currency: 'GBP' },
        status: 200,
      },
    },
    answers: { 200: views.lanternStock(100, 0, 0) },
  },
  'POST /stock/{sku}/adjustments': {
    id: 'adjustStock',
    requests: {
      missing: {
        summary: 'Three are broken',
        body: { warehouse: 'main', quantity: -3, reason: 'broken in the rack' },
        status: 200,
      },
    },
    answers: { 200: views.lanternStock(97, 0, 1) },
  },
  'POST /stock/{sku}/sales': {
    id: 'sellStock',
    requests: { sell: { summary: 'Two over the counter', body: { warehouse: 'main', quantity: 2 }, status: 200 } },
    answers: { 200: views.lanternStock(95, 0, 2) },
  },
  'GET /stock/{sku}': { id: 'getStock', requests: read('The stock of one SKU'), answers: { 200: views.lanternStock(95, 0, 2) } },
  'GET /stock/{sku}/movements': {
    id: 'listStockMovements',
    requests: read('What happened to the stock of one SKU'),
    answers: { 200: page(views.received) },
  },
  'GET /stock': { id: 'listStock', requests: read('All stock'), answers: { 200: page(views.lanternStock(95, 0, 2)) } },
  'POST /orders': {
    id: 'placeOrder',
    requests: {
      settled: {
        summary: 'With a reference; with `Prefer: wait=10` it is answered once it is CONFIRMED or CANCELLED',
        parameters: { Prefer: 'wait=10', 'Idempotency-Key': 'web-10482' },
        body: {
          reference: 'web-10482',
          customerId: '18211',
          currency: 'GBP',
          lines: [{ sku: '22465', quantity: 12 }],
          payment: { method: 'pm_card_visa' },
        },
        status: 201,
      },
      priced: {
        summary: "With the caller's own description, price and time; an Idempotency-Key makes it repeatable",
        parameters: { Prefer: 'wait=10', 'Idempotency-Key': 'till-7-000193' },
        body: {
          customerId: '18211',
          currency: 'GBP',
          placedAt: '2026-05-04T09:29:58.000Z',
          lines: [{ sku: '22465', description: 'Star lantern, second choice', quantity: 2, unitPrice: 120 }],
          payment: { method: 'pm_card_visa' },
        },
        status: 201,
      },
    },
    answers: { 200: views.confirmed, 201: views.created },
  },
  'GET /orders/{id}': { id: 'getOrder', requests: read('One order'), answers: { 200: views.confirmed } },
  'GET /orders': {
    id: 'listOrders',
    requests: read('The newest that are confirmed or shipped', { status: 'CONFIRMED,SHIPPED' }),
    answers: { 200: page(views.confirmed) },
  },
  'POST /orders/{id}/cancel': {
    id: 'cancelOrder',
    requests: { cancel: { summary: 'With a reason', body: { reason: 'ordered twice' }, status: 202 } },
    answers: { 200: views.cancelled, 202: views.beingCancelled },
  },
  'POST /orders/{id}/ship': {
    id: 'shipOrder',
    requests: {
      ship: { summary: 'With a tracking number', body: { carrier: 'DPD', trackingNumber: '15501234567890' }, status: 200 },
    },
    answers: { 200: views.shipped },
  },
  'POST /orders/{id}/deliver': {
    id: 'deliverOrder',
    requests: { deliver: { summary: 'No body is needed', status: 200 } },
    answers: { 200: views.delivered },
  },
  'POST /orders/{id}/returns': {
    id: 'returnGoods',
    requests: {
      two: {
        summary: 'Two of the twelve, as good as new',
        body: { lines: [{ line: 1, quantity: 2, condition: 'RESALABLE' }], reason: 'two were too many' },
        status: 201,
      },
    },
    answers: { 201: views.accepted },
  },
  'GET /orders/{id}/returns': {
    id: 'listReturns',
    requests: read('The returns of one order'),
    answers: { 200: { data: [views.accepted], position: 'k3f9:5146' } },
  },
  'POST /orders/{id}/attention/clear': {
    id: 'clearAttention',
    requests: { clear: { summary: 'What was done about it', body: { note: 'called the bank' }, status: 200 } },
    answers: { 200: views.delivered },
  },
  'GET /orders/{id}/events': {
    id: 'listOrderEvents',
    requests: read('Everything that happened for one order'),
    answers: { 200: page(views.firstEvent) },
  },
  'GET /orders/{id}/fulfilment': {
    id: 'getFulfilment',
    requests: read('The saga of one order'),
    answers: { 200: { data: [views.firstStep], position: 'k3f9:5146' } },
  },
  'GET /payments': { id: 'listPayments', requests: read('The newest payments'), answers: { 200: page(views.captured) } },
  'GET /payments/{id}': { id: 'getPayment', requests: read('One payment'), answers: { 200: views.captured } },
};

/** What a parameter is like, by its name; `{id}` by the first part of its path. */
export const parameterExamples: Readonly<Record<string, string | number>> = {
  'orders/id': views.orderId,
  'payments/id': views.paymentId,
  'warehouses/id': 'north',
  sku: '22465',
  limit: 20,
  status: 'CONFIRMED,SHIPPED',
  customerId: '18211',
  reference: 'web-10482',
  orderId: views.orderId,
  minPosition: 'k3f9:5133',
  'Panglot-Min-Position': 'k3f9:5133',
  Prefer: 'wait=10',
  'Idempotency-Key': 'web-10482',
  'If-None-Match': '"5"',
  'If-Match': '"5"',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

/** What the operations are about. */
export const tags: Readonly<Record<string, string>> = {
  orders:
    'Orders from placing to delivery or cancellation. An order that was accepted settles by itself: its money is authorised, its stock reserved, the money captured.',
  payments: 'The payment of each order, as the gateway left it. They are read only: what changes a payment is its order.',
  stock: 'What lies in the warehouses, what is reserved, and the movements that change it.',
  products: 'Descriptions and prices. A line of an order that names neither takes those of its product.',
  warehouses: 'Where stock lies. `main` is there from the start.',
  platform: 'The platform itself: whether it works, how it is described, what its problems mean.',
};
