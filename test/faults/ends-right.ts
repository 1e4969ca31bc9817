// What it means that an order ended right: asked of the streams, of the gateway's own books and of the stock, whatever had happened.

import { expect } from 'vitest';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { decode } from '../../src/domain/log/codec.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import type { OrderStatus } from '../../src/domain/order/order.js';
import { payment } from '../../src/domain/payment/payment.js';
import { available, stock } from '../../src/domain/stock/stock.js';
import { collect } from '../support/event-store.js';
import type { Fulfilment, LedgerLine } from '../support/fulfilment.js';

export interface Ended {
  readonly status: OrderStatus;
  /** Why it was cancelled; `null` if it was not. */
  readonly reason: string | null;
  /** The types of the events, stream by stream. */
  readonly order: readonly string[];
  readonly payment: readonly string[];
  readonly reservation: readonly string[];
  readonly intents: readonly LedgerLine[];
}

interface Allowed {
  /** What a person is expected to have been asked for. */
  readonly attention?: readonly string[];
  /** Types that may come more than once. */
  readonly repeated?: readonly string[];
  /** Intents that were made at the gateway and never confirmed: they hold nothing, and nobody knows of them. */
  readonly strayIntents?: number;
}

const eventsOf = async (platform: Fulfilment, stream: string): Promise<Recorded<DomainEvent>[]> =>
  (await collect(platform.store.readStream(stream))).map(decode);

const typesIn = (events: readonly Recorded<DomainEvent>[]) => events.map(({ event }) => event.type);

/** Where an event of this type stands in the log; far behind everything if there is none. */
const placeOf = (events: readonly Recorded<DomainEvent>[], ...types: readonly string[]): bigint =>
  events.find(({ event }) => types.includes(event.type))?.position ?? 1n << 62n;

/**
 * Reads everything about an order that has come to its end, and expects it to be right: shipped or confirmed with its money taken once and
 * its units claimed, or cancelled with neither; each thing happened once; money was settled before stock; and nobody has to look. The
 * SKUs in `received` are this order's alone.
 */
export async function expectRightEnd(
  platform: Fulfilment,
  orderId: string,
  received: ReadonlyMap<string, number>,
  { attention = [], repeated = [], strayIntents = 0 }: Allowed = {},
): Promise<Ended> {
  const state = await platform.orderOf(orderId);
  const { status, lines, total } = state;
  const [orders, reservations] = [await eventsOf(platform, `order-${orderId}`), await eventsOf(platform, `reservation-${orderId}`)];
  const payments = state.paymentId === null ? [] : await eventsOf(platform, `payment-${state.paymentId}`);
  const claims = await Promise.all(
    [...received.keys()].map(async (sku) =>
      (await eventsOf(platform, `stock-${sku}`)).filter(({ event }) => 'orderId' in event.data && event.data.orderId === orderId),
    ),
  );
  for (const events of [orders, payments, reservations, ...claims]) {
    const types = typesIn(events).filter((type) => !repeated.includes(type));
    expect(types, `each thing happens once to order ${orderId}`).toEqual([...new Set(types)]);
  }
  const raised = orders.flatMap(({ event }) => (event.type === 'OrderAttentionRaised' ? [event.data.code] : []));
  expect(raised, 'attention that was raised').toEqual(attention);

  const kept = status === 'CONFIRMED' || status === 'SHIPPED' || status === 'DELIVERED';
  expect(kept || status === 'CANCELLED', `${orderId} is ${status}`).toBe(true);
  const made = await platform.intentsOf(orderId);
  const stray = made.filter((intent) => !intent.charged && intent.status === 'requires_confirmation').slice(0, strayIntents);
  const intents = made.filter((intent) => !stray.includes(intent));
  expect([stray.length, intents.length], 'payment intents').toEqual([strayIntents, Math.min(intents.length, 1)]);
  const [intent] = intents;
  if (kept) expect(intent).toMatchObject({ status: 'succeeded', captured: total, refunded: 0 });
  else if (intent !== undefined) {
    expect(intent.captured - intent.refunded, 'money kept of a cancelled order').toBe(0);
    expect(intent.status, 'money held of a cancelled order').not.toBe('requires_capture');
  }
  expectMoneyBeforeStock(payments, reservations);
  for (const [sku, units] of received) {
    const quantity = lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
    const { state: held } = await platform.handler.load(stock, sku, 'head');
    const left = kept ? units - quantity : units;
    const onHand = [...held.warehouses.values()].reduce((sum, warehouse) => sum + warehouse.onHand, 0);
    const inHouse = status === 'SHIPPED' || status === 'DELIVERED' ? units - quantity : units;
    expect([available(held), onHand, held.open.has(orderId)], `${sku}: available, on hand, claimed`).toEqual([
      left,
      inHouse,
      status === 'CONFIRMED' && quantity > 0,
    ]);
  }
  const paid = state.paymentId === null ? null : (await platform.handler.load(payment, state.paymentId, 'head')).state.status;
  if (kept) expect(paid).toBe('CAPTURED');
  return {
    status,
    reason: state.cancelled?.reason ?? null,
    order: typesIn(orders),
    payment: typesIn(payments),
    reservation: typesIn(reservations),
    intents,
  };
}

/** What was reserved as a whole is given back only when the payment has come to its end, or its refund is accepted. */
function expectMoneyBeforeStock(payments: readonly Recorded<DomainEvent>[], reservations: readonly Recorded<DomainEvent>[]): void {
  if (!typesIn(reservations).includes('InventoryReserved')) return;
  const released = reservations.find(({ event }) => event.type === 'InventoryReleaseRequested');
  if (released === undefined) return;
  expect(placeOf(payments, 'PaymentVoided', 'PaymentFailed', 'RefundAccepted'), 'money is settled first').toBeLessThan(
    released.position,
  );
}
