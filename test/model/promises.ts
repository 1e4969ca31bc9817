// What must be so at every moment of a run, whatever the schedule: looked at with each event and each movement of money.

import { expect } from 'vitest';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import { order } from '../../src/domain/order/order.js';
import { payment } from '../../src/domain/payment/payment.js';
import { reservation } from '../../src/domain/reservation/reservation.js';
import { type Stock, stock } from '../../src/domain/stock/stock.js';
import { type Movement, movementsOf, type StockEvent } from '../../src/domain/stock/stock-events.js';
import type { Bank, Intent, Ledger } from './gateway.js';
import type { Streams } from './streams.js';

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, n) => total + n, 0);
const standingRefunds = ({ refunds }: Intent) => sum(refunds.filter(({ state }) => state !== 'failed').map(({ amount }) => amount));

/** Whether the gateway holds or keeps nothing of an order: what was taken has been given back, or a refund of it was accepted and failed. */
const nothingKept = ({ state, captured, refunds }: Intent): boolean =>
  state === 'created' ||
  state === 'failed' ||
  state === 'voided' ||
  (state === 'captured' && sum(refunds.map((one) => one.amount)) >= captured);

export const intentsOf = (ledger: Ledger, orderId: string) => ledger.intents.filter((intent) => intent.orderId === orderId);

/** Before money is taken: its order's stock is reserved as a whole, and nothing was taken for it yet. */
export function allowsCapture(streams: Streams, ledger: Ledger, { orderId }: Intent): void {
  const { status, items } = streams.load(reservation, orderId);
  expect(status, `money of ${orderId} is captured`).toBe('RESERVED');
  for (const { sku, quantity } of items) {
    const claimed = sum((streams.load(stock, sku).open.get(orderId) ?? []).map((portion) => portion.quantity));
    expect(claimed, `${sku} of ${orderId} when its money is captured`).toBe(quantity);
  }
  expect(sum(intentsOf(ledger, orderId).map(({ captured }) => captured)), `captured before for ${orderId}`).toBe(0);
}

function heldStock(streams: Streams, sku: string): void {
  const state: Stock = streams.load(stock, sku);
  const moved = (streams.streams.get(`stock-${sku}`)?.recorded ?? []).flatMap(({ event }) => movementsOf(event as StockEvent));
  const total = (part: 'onHand' | 'reserved') => sum(moved.map((movement: Movement) => movement[part]));
  const holdings = [...state.warehouses.values()];
  for (const { onHand, reserved } of holdings) {
    expect(reserved, `reserved of ${sku}`).toBeGreaterThanOrEqual(0);
    expect(onHand, `on hand of ${sku}`).toBeGreaterThanOrEqual(reserved);
  }
  expect(sum(holdings.map(({ onHand }) => onHand))).toBe(total('onHand'));
  expect(sum(holdings.map(({ reserved }) => reserved))).toBe(total('reserved'));
  expect(sum([...state.open.entries()].flatMap(([, portions]) => portions.map(({ quantity }) => quantity)))).toBe(
    total('reserved'),
  );
}

/** Money is settled before stock is given back; only what a failed reservation took is freed at once. */
function moneyIsSettled(streams: Streams, ledger: Ledger, orderId: string): void {
  const types = (streams.streams.get(`reservation-${orderId}`)?.recorded ?? []).map(({ event }) => event.type);
  if (types.includes('InventoryReservationFailed')) return;
  for (const intent of intentsOf(ledger, orderId))
    expect(nothingKept(intent), `${intent.intentId} when stock is given back`).toBe(true);
}

/** Looks at the world with each event. */
export function holdsWith(streams: Streams, ledger: Ledger, { event, metadata, stream }: Recorded<DomainEvent>): void {
  const orderId = metadata.$correlationId;
  if (stream.startsWith('stock-')) heldStock(streams, stream.slice('stock-'.length));
  if (stream.startsWith('payment-')) {
    const { request, captured, refunds } = streams.load(payment, stream.slice('payment-'.length));
    expect(captured).toBeLessThanOrEqual(request?.amount ?? 0);
    const standing = [...refunds.values()].filter(({ state }) => state !== 'FAILED');
    expect(sum(standing.map(({ amount }) => amount))).toBeLessThanOrEqual(captured);
  }
  if (stream.startsWith('order-')) {
    const { status, captured, reserved, voided } = streams.load(order, orderId);
    if (status === 'CONFIRMED') expect({ captured, reserved, voided }).toEqual({ captured: true, reserved: true, voided: false });
  }
  switch (event.type) {
    case 'InventoryReleaseRequested':
      moneyIsSettled(streams, ledger, orderId);
      break;
    case 'StockReleased':
      if (event.data.portions.length > 0) moneyIsSettled(streams, ledger, orderId);
      break;
    case 'OrderCancelled':
      for (const intent of intentsOf(ledger, orderId))
        expect(nothingKept(intent), `${intent.intentId} (${intent.state}) when its order is cancelled`).toBe(true);
      break;
    case 'OrderConfirmed':
      expect(sum(intentsOf(ledger, orderId).map((intent) => intent.captured - standingRefunds(intent)))).toBe(
        streams.load(order, orderId).total,
      );
  }
}

/** When all has come to its end: nothing is left half done, but for what a bank never answered or a refund that failed, which has attention. */
export function endsRight(streams: Streams, ledger: Ledger, { confirms }: Bank, orderId: string): void {
  const { status, cancelling, attention } = streams.load(order, orderId);
  const kept = streams.load(reservation, orderId);
  const intents = intentsOf(ledger, orderId);
  const codes = attention.map(({ code }) => code);
  if (status === 'PENDING_PAYMENT' && confirms === 'never') expect(codes).toContain('void-unresolved');
  else if (cancelling !== null && (status === 'PAYMENT_CAPTURED' || status === 'CONFIRMED'))
    expect(codes).toContain('refund-failed');
  else {
    expect(['DELIVERED', 'CANCELLED', 'CONFIRMED', 'SHIPPED']).toContain(status);
    expect(cancelling).toBeNull();
    const events = (streams.streams.get(`order-${orderId}`)?.recorded ?? []).map(({ event }) => event);
    const promised = events.some((event) => event.type === 'OrderCancellationRequested' && event.data.by === 'customer');
    if (promised) expect(status, 'what was promised to the customer').toBe('CANCELLED');
  }
  expect(intents.filter(({ captured }) => captured > 0).length).toBeLessThanOrEqual(1);
  for (const intent of intents) expect(standingRefunds(intent)).toBeLessThanOrEqual(intent.captured);
  if (status === 'CONFIRMED') expect(kept.status).toBe('RESERVED');
  if (status === 'SHIPPED' || status === 'DELIVERED') expect(kept.status).toBe('SHIPPED');
  if (status !== 'CANCELLED') return;
  expect(['NONE', 'RELEASED', 'ABANDONED']).toContain(kept.status);
  for (const { sku } of kept.items) expect(streams.load(stock, sku).open.has(orderId), `${sku} of ${orderId}`).toBe(false);
  for (const intent of intents) {
    const { state, captured } = intent;
    if (state === 'captured' && standingRefunds(intent) !== captured) expect(codes).toContain('refund-failed');
    // Declined is not closed: the gateway would let it be tried again.
    else expect(['created', 'voided', 'captured']).toContain(state);
  }
}

const overdue: Readonly<Record<string, string>> = {
  'ship-overdue': 'ship-overdue',
  'delivery-overdue': 'delivery-overdue',
  'authorization-expiring': 'authorization-expiring',
  'void-unresolved': 'cancellation-unresolved',
  'release-unresolved': 'cancellation-unresolved',
};

/** Nobody is asked to look for nothing: a refund has failed at the gateway, it holds two intents for one payment, or a deadline has passed. */
export function raisesForCause(streams: Streams, ledger: Ledger, passed: ReadonlySet<string>, orderId: string): void {
  const failed = intentsOf(ledger, orderId).flatMap(({ refunds }) =>
    refunds.flatMap(({ refundId, state }) => (state === 'failed' ? [refundId] : [])),
  );
  for (const { event } of streams.streams.get(`order-${orderId}`)?.recorded ?? []) {
    if (event.type !== 'OrderAttentionRaised') continue;
    const { code, subject, detail } = event.data;
    if (code === 'refund-failed') expect(failed, detail).toContain(subject);
    else if (code === 'payment-state' && detail.startsWith('RecordGatewayPayment '))
      expect(intentsOf(ledger, orderId).length, detail).toBeGreaterThan(1);
    else if (code === 'refund-unresolved') {
      const deadline = subject === null ? 'cancellation-unresolved' : `return-refund-unresolved/${subject}`;
      expect(passed, detail).toContain(`${orderId} ${deadline}`);
    } else expect(passed, `${code}: ${detail}`).toContain(`${orderId} ${overdue[code]}`);
  }
}
