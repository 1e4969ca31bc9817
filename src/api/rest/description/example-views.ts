// The resources of the examples in the OpenAPI document: one order and what belongs to it, as the platform would answer it.

import type { EventView } from '../../../projections/order-events/order-event-view.js';
import type { ReturnView } from '../../../projections/order-events/return-view.js';
import type { OrderView } from '../../../projections/orders/order-view.js';
import type { PaymentView } from '../../../projections/payments/payment-view.js';
import type { ProductView } from '../../../projections/products/product-view.js';
import type { StockView } from '../../../projections/stock/stock-view.js';
import type { MovementView } from '../../../projections/stock-movements/stock-movement-view.js';
import type { WarehouseView } from '../../../projections/warehouses/warehouse-view.js';

export const orderId = '0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5';
export const paymentId = '3f1c0e52-8d0b-5c77-9a37-1c5f6f0a9b1e';
const intentId = 'pi_1PanglotExample';
const at = (second: string) => `2026-05-04T09:30:${second}Z`;
const position = (n: number) => `k3f9:${n}`;

export const lantern: ProductView = {
  sku: '22465',
  description: 'HANGING METAL STAR LANTERN',
  prices: [{ currency: 'GBP', amount: 165 }],
  createdAt: at('00.120'),
  updatedAt: at('00.120'),
  revision: 0,
  position: position(5102),
};

export const north: WarehouseView = {
  id: 'north',
  name: 'Warehouse North',
  region: 'Leeds',
  priority: 200,
  open: true,
  createdAt: at('00.080'),
  updatedAt: at('00.080'),
  revision: 0,
  position: position(5101),
};

/** The stock of the lantern with so many units on hand and reserved. */
export const lanternStock = (onHand: number, reserved: number, revision: number): StockView => ({
  sku: '22465',
  description: 'HANGING METAL STAR LANTERN',
  onHand,
  reserved,
  available: onHand - reserved,
  level: 'OK',
  thresholds: { low: null, critical: null },
  warehouses: [{ warehouse: 'main', onHand, reserved, available: onHand - reserved }],
  updatedAt: at('00.310'),
  revision,
  position: position(5103 + revision),
});

/** How the lantern's first units came in. */
export const received: MovementView = {
  position: position(5103),
  at: at('00.310'),
  type: 'RECEIVED',
  warehouse: 'main',
  change: { onHand: 100, reserved: 0, damaged: 0 },
  balance: { onHand: 100, reserved: 0, available: 100 },
  orderId: null,
  reason: null,
  commandId: '0197a6c2-5b1d-7f00-8a52-0c5d7e9f1a23',
  revision: 0,
};

const reached = (status: OrderView['status'], second: string, revision: number, n: number) => ({
  status,
  at: at(second),
  revision,
  position: position(n),
});

const toConfirmed = [
  reached('CREATED', '01.004', 0, 5120),
  reached('PENDING_PAYMENT', '01.011', 1, 5121),
  reached('PAYMENT_AUTHORIZED', '01.032', 2, 5125),
  reached('INVENTORY_RESERVED', '01.041', 3, 5129),
  reached('PAYMENT_CAPTURED', '01.060', 4, 5132),
  reached('CONFIRMED', '01.060', 5, 5133),
];

export const confirmed: OrderView = {
  id: orderId,
  reference: 'web-10482',
  customerId: '18211',
  status: 'CONFIRMED',
  cancelling: false,
  currency: 'GBP',
  total: 1980,
  lines: [
    {
      line: 1,
      sku: '22465',
      description: 'HANGING METAL STAR LANTERN',
      quantity: 12,
      unitPrice: 165,
      amount: 1980,
      allocations: [{ warehouse: 'main', quantity: 12 }],
    },
  ],
  paymentId,
  shipment: null,
  cancellation: null,
  timeline: toConfirmed,
  attention: null,
  placedAt: at('01.004'),
  createdAt: at('01.004'),
  updatedAt: at('01.060'),
  revision: 5,
  position: position(5133),
};

/** The order as it was accepted. */
export const created: OrderView = {
  ...confirmed,
  status: 'CREATED',
  lines: confirmed.lines.map((line) => ({ ...line, allocations: [] })),
  paymentId: null,
  timeline: toConfirmed.slice(0, 1),
  updatedAt: at('01.004'),
  revision: 0,
  position: position(5120),
};

export const shipped: OrderView = {
  ...confirmed,
  status: 'SHIPPED',
  shipment: { carrier: 'DPD', trackingNumber: '15501234567890', shippedAt: at('20.500'), deliveredAt: null },
  timeline: [...toConfirmed, reached('SHIPPED', '20.500', 6, 5140)],
  updatedAt: at('20.500'),
  revision: 6,
  position: position(5140),
};

export const delivered: OrderView = {
  ...shipped,
  status: 'DELIVERED',
  shipment: { carrier: 'DPD', trackingNumber: '15501234567890', shippedAt: at('20.500'), deliveredAt: at('50.000') },
  timeline: [...shipped.timeline, reached('DELIVERED', '50.000', 7, 5144)],
  updatedAt: at('50.000'),
  revision: 7,
  position: position(5144),
};

export const beingCancelled: OrderView = {
  ...confirmed,
  cancelling: true,
  cancellation: { reason: 'CUSTOMER_REQUEST', requestedAt: at('10.200'), shortages: [] },
  updatedAt: at('10.200'),
  revision: 6,
  position: position(5136),
};

export const cancelled: OrderView = {
  ...beingCancelled,
  status: 'CANCELLED',
  cancelling: false,
  timeline: [
    ...toConfirmed,
    reached('PAYMENT_REFUNDED', '10.230', 7, 5140),
    reached('INVENTORY_RELEASED', '10.244', 8, 5143),
    reached('CANCELLED', '10.244', 9, 5144),
  ],
  updatedAt: at('10.244'),
  revision: 9,
  position: position(5144),
};

export const captured: PaymentView = {
  id: paymentId,
  orderId,
  status: 'CAPTURED',
  currency: 'GBP',
  amount: 1980,
  authorized: 1980,
  captured: 1980,
  refunded: 0,
  method: 'pm_card_visa',
  gateway: { name: 'stripe', intentId },
  failure: null,
  refunds: [],
  createdAt: at('01.011'),
  updatedAt: at('01.058'),
  revision: 4,
  position: position(5131),
};

export const firstEvent: EventView = {
  position: position(5120),
  at: at('01.004'),
  stream: `order-${orderId}`,
  revision: 0,
  type: 'OrderCreated',
  version: 1,
  id: '6b0f5a7e-2d1c-5e84-8f39-7a4f0c1be2d3',
  causationId: '0197a6c2-5f0d-7a10-8b52-1f7c9d3e4a60',
  commandId: '0197a6c2-5f0d-7a10-8b52-1f7c9d3e4a60',
  actor: 'anonymous',
  data: { orderId, reference: 'web-10482', customerId: '18211', currency: 'GBP', total: 1980 },
};

export const firstStep = {
  step: 'AUTHORIZE_PAYMENT',
  trigger: { type: 'OrderPaymentRequested', position: position(5121), at: at('01.011') },
  command: 'RequestPayment',
  outcome: { type: 'PaymentAuthorized', position: position(5124), at: at('01.030') },
  tookMs: 19,
  attempts: 1,
  waitingFor: null,
};

export const accepted: ReturnView = {
  id: '9d3b7c1a-4e5f-5a60-b7c8-d9e0f1a2b3c4',
  lines: [{ line: 1, quantity: 2, condition: 'RESALABLE' }],
  reason: 'two were too many',
  amount: 330,
  refund: { id: '1a2b3c4d-5e6f-5071-8293-a4b5c6d7e8f9', status: 'REQUESTED' },
  acceptedAt: at('59.000'),
  position: position(5146),
};
