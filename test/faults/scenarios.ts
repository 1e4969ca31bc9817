// The lives of an order that are interrupted at every point.

import type { Scenario } from './campaign.js';

const one = { received: [10], ordered: [3] };
const confirmed = { status: 'CONFIRMED', reason: null } as const;
const byCustomer = { status: 'CANCELLED', reason: 'CUSTOMER_REQUEST' } as const;

export const scenarios: readonly Scenario[] = [
  { name: 'confirmed', ...one, ends: confirmed },
  {
    name: 'card declined',
    ...one,
    method: 'pm_card_visa_chargeDeclined',
    ends: { status: 'CANCELLED', reason: 'PAYMENT_DECLINED' },
  },
  {
    name: 'short of stock over two SKUs',
    received: [10, 1],
    ordered: [3, 2],
    ends: { status: 'CANCELLED', reason: 'INSUFFICIENT_STOCK' },
  },
  { name: 'cancelled while PENDING_PAYMENT', ...one, cue: { on: 'OrderPaymentRequested', act: 'cancel' }, ends: byCustomer },
  { name: 'cancelled while PAYMENT_AUTHORIZED', ...one, cue: { on: 'OrderPaymentAuthorized', act: 'cancel' }, ends: byCustomer },
  { name: 'cancelled while INVENTORY_RESERVED', ...one, cue: { on: 'OrderInventoryReserved', act: 'cancel' }, ends: byCustomer },
  { name: 'cancelled while CONFIRMED, refunded', ...one, cue: { on: 'OrderConfirmed', act: 'cancel' }, ends: byCustomer },
  {
    name: 'capture declined',
    ...one,
    method: 'pm_sim_capture_fails',
    // The order that was reserved, heard of again before it knows of the decline, asks the bank once more: to no avail, and no harm.
    repeated: ['PaymentCaptureRequested', 'PaymentCaptureFailed'],
    ends: { status: 'CANCELLED', reason: 'CAPTURE_FAILED' },
  },
  {
    name: 'every reply of the gateway lost, refunded',
    ...one,
    method: 'pm_sim_reply_lost',
    cue: { on: 'OrderConfirmed', act: 'cancel' },
    ends: byCustomer,
  },
  {
    name: 'payment timeout',
    ...one,
    method: 'pm_card_authenticationRequired',
    policy: { paymentTimeout: 200 },
    ends: { status: 'CANCELLED', reason: 'PAYMENT_TIMEOUT' },
  },
  { name: 'shipped', ...one, cue: { on: 'OrderConfirmed', act: 'ship' }, ends: { status: 'SHIPPED', reason: null } },
  { name: 'confirmed, every reaction a row', ...one, hold: 0, ends: confirmed },
  {
    name: 'taken over half-way, from the start of the successor',
    ...one,
    afterDeathAt: 'append PaymentAuthorized, after',
    ends: confirmed,
  },
];
