// The order's states and inputs for the walk: each status of the design with its flags, reached by commands as they come in real life.

import {
  type NewOrder,
  type Order,
  type OrderCommand,
  type OrderRefusal,
  type OrderStatus,
  order,
} from '../../../src/domain/order/order.js';
import type { OrderEvent } from '../../../src/domain/order/order-events.js';
import { type Cases, type Inputs, waysBy } from './cases.js';

const paymentId = '01985c5e-0000-5000-8000-000000000002';
const refundId = '01985c5e-0000-5000-8000-000000000003';
const refundOfReturn = '01985c5e-0000-5000-8000-000000000004';
const soon = '2026-01-01T00:15:00.000Z';

const request: NewOrder = {
  orderId: '01985c5e-0000-7000-8000-000000000001',
  principal: 'anonymous',
  reference: 'INV-1',
  requestHash: 'hash-1',
  customerId: '17850',
  currency: 'GBP',
  placedAt: '2026-01-01T00:00:00.000Z',
  paymentMethod: 'pm_card_visa',
  lines: [{ line: 1, sku: '22465', description: 'Lantern', quantity: 12, unitPrice: 165 }],
};
const failure = { code: 'card_declined', message: 'No.' };
const returned = {
  returnId: '01985c5e-0000-7000-8000-000000000005',
  refundId: refundOfReturn,
  reason: 'too small',
  lines: [{ line: 1, quantity: 2, condition: 'RESALABLE' as const }],
  attentionAt: soon,
};

const inputs: Inputs<OrderCommand> = {
  CreateOrder: { '-': { order: request }, '(another request)': { order: { ...request, requestHash: 'hash-2' } } },
  StartOrder: { '-': { paymentId, timeoutAt: soon } },
  CancelOrder: {
    '-': { note: 'changed my mind', attentionAt: soon },
    '(without a note)': { note: null, attentionAt: soon },
    '(with another note)': { note: 'too late', attentionAt: soon },
  },
  TimeOutPayment: { '-': { attentionAt: soon } },
  RecordPaymentAuthorized: { '-': { paymentId, captureBefore: soon } },
  RecordPaymentFailed: { '-': { paymentId, ...failure } },
  RecordPaymentVoided: { '-': { paymentId, expired: false }, '(expired)': { paymentId, expired: true } },
  RecordPaymentCaptured: { '-': { paymentId, amount: 1980, shipBy: soon } },
  RecordCaptureFailed: { '-': { ...failure, attentionAt: soon } },
  RecordRefundAccepted: {
    '-': { paymentId, refundId, amount: 1980 },
    '(of a return)': { paymentId, refundId: refundOfReturn, amount: 330 },
  },
  RecordRefundFailed: { '-': { refundId, ...failure }, '(of a return)': { refundId: refundOfReturn, ...failure } },
  RecordInventoryReserved: { '-': { allocations: [{ sku: '22465', warehouse: 'main', quantity: 12 }], expiresAt: soon } },
  RecordReservationFailed: { '-': { shortages: [{ sku: '22465', requested: 12, available: 5 }], attentionAt: soon } },
  ExpireReservation: { '-': { attentionAt: soon } },
  RecordInventoryReleased: { '-': {} },
  ShipOrder: {
    '-': { carrier: 'DPD', trackingNumber: '1', deliverBy: soon },
    '(with other facts)': { carrier: 'DPD', trackingNumber: '2', deliverBy: soon },
  },
  DeliverOrder: { '-': {} },
  ReturnOrder: {
    '-': returned,
    '(another one)': { ...returned, returnId: paymentId, refundId: paymentId },
    '(more than was shipped)': { ...returned, returnId: refundId, lines: [{ line: 1, quantity: 13, condition: 'DAMAGED' }] },
  },
  NoticeOverdue: {
    shipping: { what: 'shipping', subject: null },
    delivery: { what: 'delivery', subject: null },
    capture: { what: 'capture', subject: null },
    cancellation: { what: 'cancellation', subject: null },
    'return-refund': { what: 'return-refund', subject: refundOfReturn },
  },
  RaiseAttention: { '-': { code: 'gateway-refused', detail: 'The gateway refused.', subject: 'event-1' } },
  ClearAttention: { '-': { note: 'seen to' } },
};

const way = waysBy(inputs);

const created = way([], 'CreateOrder');
const requested = way(created, 'StartOrder');
const authorized = way(requested, 'RecordPaymentAuthorized');
const timedOut = way(requested, 'TimeOutPayment', 'RecordPaymentAuthorized');
const reserved = way(authorized, 'RecordInventoryReserved');
const voided = way(reserved, 'RecordPaymentVoided (expired)');
const confirmed = way(reserved, 'RecordPaymentCaptured');
const taken = way(reserved, 'CancelOrder', 'RecordPaymentCaptured');
const refunded = way(confirmed, 'CancelOrder', 'RecordRefundAccepted');
const shipped = way(confirmed, 'ShipOrder');
const delivered = way(shipped, 'DeliverOrder');

export const orderCases: Cases<Order, OrderCommand, OrderEvent, OrderRefusal, OrderStatus> = {
  decider: order,
  inputs,
  standings: {
    NONE: { '-': [] },
    CREATED: { '-': created },
    PENDING_PAYMENT: {
      '-': requested,
      'c by the customer': way(requested, 'CancelOrder'),
      'c by the system': way(requested, 'TimeOutPayment'),
    },
    PAYMENT_AUTHORIZED: {
      '-': authorized,
      'c by the customer': way(authorized, 'CancelOrder'),
      'c by the system': timedOut,
      'c by the system, short of stock': way(authorized, 'RecordReservationFailed'),
      'c by the customer, short of stock': way(authorized, 'CancelOrder', 'RecordReservationFailed'),
    },
    PAYMENT_VOIDED: {
      '-': way(authorized, 'RecordPaymentVoided (expired)'),
      'c by the customer': way(authorized, 'CancelOrder', 'RecordPaymentVoided'),
      'c by the system': way(timedOut, 'RecordPaymentVoided'),
    },
    INVENTORY_RESERVED: {
      '-': reserved,
      'c by the customer': way(reserved, 'CancelOrder'),
      'c by the system': way(reserved, 'ExpireReservation'),
      voided,
      'c by the customer, voided': way(reserved, 'CancelOrder', 'RecordPaymentVoided'),
      'c by the system, voided': way(reserved, 'RecordCaptureFailed', 'RecordPaymentVoided'),
    },
    PAYMENT_CAPTURED: {
      'c by the customer': taken,
      'c by the customer, refund failed': way(taken, 'RecordRefundFailed'),
    },
    CONFIRMED: {
      '-': confirmed,
      'with attention': way(confirmed, 'RaiseAttention'),
      'c by the customer': way(confirmed, 'CancelOrder'),
      'c by the customer, refund failed': way(confirmed, 'CancelOrder', 'RecordRefundFailed'),
    },
    PAYMENT_REFUNDED: { 'c by the customer': refunded, 'c by the customer, refund failed': way(refunded, 'RecordRefundFailed') },
    SHIPPED: {
      '-': shipped,
      'with a return': way(shipped, 'ReturnOrder'),
      'with a return, refunded': way(shipped, 'ReturnOrder', 'RecordRefundAccepted (of a return)'),
      'with a return, refund failed': way(shipped, 'ReturnOrder', 'RecordRefundFailed (of a return)'),
    },
    DELIVERED: { '-': delivered, 'with a return': way(delivered, 'ReturnOrder') },
    PAYMENT_FAILED: {},
    INVENTORY_RELEASED: {},
    CANCELLED: {
      'by the customer, at once': way(created, 'CancelOrder'),
      'after a decline': way(requested, 'RecordPaymentFailed'),
      'after a timeout': way(requested, 'TimeOutPayment', 'RecordPaymentVoided'),
      'for want of stock': way(authorized, 'RecordReservationFailed', 'RecordPaymentVoided', 'RecordInventoryReleased'),
      'by the customer, voided': way(reserved, 'CancelOrder', 'RecordPaymentVoided', 'RecordInventoryReleased'),
      'by the customer, refunded': way(refunded, 'RecordInventoryReleased'),
      'by the customer, refund failed': way(refunded, 'RecordInventoryReleased', 'RecordRefundFailed'),
    },
  },
};
