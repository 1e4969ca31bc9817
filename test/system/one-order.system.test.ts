// The main job, through every real part: a command over REST, the process manager to the end, the read model.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/condition.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly paymentId: string;
  readonly revision: number;
  readonly position: string;
  readonly lines: readonly { sku: string; quantity: number; allocations: readonly { warehouse: string; quantity: number }[] }[];
  readonly timeline: readonly { status: string; revision: number }[];
  readonly cancellation: null | { reason: string; shortages: readonly { sku: string; requested: number; available: number }[] };
  readonly shipment: null | { carrier: string; trackingNumber: string; shippedAt: string; deliveredAt: string | null };
}
interface Event {
  readonly type: string;
  readonly stream: string;
  readonly position: string;
  readonly id: string;
  readonly causationId: string;
  readonly commandId: string;
}
interface Page<T> {
  readonly data: readonly T[];
}
interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}
interface Payment {
  readonly status: string;
  readonly captured: number;
  readonly failure: null | { code: string };
}

let home: PlatformHome;
let platform: Platform;

beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
  await receive('LANTERN', 100);
  await receive('HEART', 3);
}, 120_000);
afterAll(() => home.remove());

const receive = (sku: string, quantity: number) =>
  platform.send('POST', `/api/v1/stock/${sku}/receipts`, { warehouse: 'main', quantity });
const stockOf = async (sku: string) => (await platform.get<Stock>(`/api/v1/stock/${sku}`)).body;
const line = (sku: string, quantity: number) => ({ sku, quantity, unitPrice: 165 });
const settle = (lines: readonly object[], method = 'pm_card_visa', reference?: string) =>
  platform.send<Order>(
    'POST',
    '/api/v1/orders',
    { customerId: '18211', currency: 'GBP', lines, payment: { method }, ...(reference === undefined ? {} : { reference }) },
    { prefer: 'wait=20' },
  );
const eventsOf = async (orderId: string) =>
  (await platform.get<Page<Event>>(`/api/v1/orders/${orderId}/events?limit=100`)).body.data;

describe('an order settles', () => {
  it('CONFIRMED, with its money captured and its stock reserved', async () => {
    const before = await stockOf('LANTERN');
    const { status, body } = await settle([line('LANTERN', 12)]);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'CONFIRMED', total: 1980, cancellation: null });
    expect(body.lines[0]?.allocations).toEqual([{ warehouse: 'main', quantity: 12 }]);
    expect(body.timeline.map((entry) => entry.status)).toEqual([
      'CREATED',
      'PENDING_PAYMENT',
      'PAYMENT_AUTHORIZED',
      'INVENTORY_RESERVED',
      'PAYMENT_CAPTURED',
      'CONFIRMED',
    ]);
    const payment = await platform.get<Payment>(`/api/v1/payments/${body.paymentId}`, { 'panglot-min-position': body.position });
    expect(payment.body).toMatchObject({ status: 'CAPTURED', captured: 1980 });
    expect(await stockOf('LANTERN')).toMatchObject({ onHand: before.onHand, reserved: before.reserved + 12 });
  });

  it('in at most 13 appends from CREATED to CONFIRMED', async () => {
    const { body } = await settle([line('LANTERN', 1)]);
    const events = await eventsOf(body.id);
    expect(events.map(({ type }) => type)).toEqual([
      'OrderCreated',
      'OrderPaymentRequested',
      'PaymentRequested',
      'GatewayPaymentCreated',
      'PaymentAuthorized',
      'OrderPaymentAuthorized',
      'InventoryReservationRequested',
      'StockReserved',
      'InventoryReserved',
      'OrderInventoryReserved',
      'PaymentCaptureRequested',
      'PaymentCaptured',
      'OrderPaymentCaptured',
      'OrderConfirmed',
    ]);
    // What one append wrote was one command's.
    expect(new Set(events.map(({ commandId }) => commandId)).size).toBeLessThanOrEqual(13);
  });

  it('with each event caused by an earlier one of the same order', async () => {
    const { body } = await settle([line('LANTERN', 1)]);
    const seen = new Set<string>();
    for (const [index, { id, causationId }] of (await eventsOf(body.id)).entries()) {
      if (index > 0) expect(seen).toContain(causationId);
      seen.add(id);
    }
  });

  it('CANCELLED when the payment is declined: no stock is touched', async () => {
    const before = await stockOf('LANTERN');
    const { body } = await settle([line('LANTERN', 1)], 'pm_card_visa_chargeDeclinedInsufficientFunds');
    expect(body).toMatchObject({ status: 'CANCELLED', cancellation: { reason: 'PAYMENT_DECLINED' } });
    const payment = await platform.get<Payment>(`/api/v1/payments/${body.paymentId}`, { 'panglot-min-position': body.position });
    expect(payment.body).toMatchObject({ status: 'FAILED', captured: 0, failure: { code: 'insufficient_funds' } });
    expect(await stockOf('LANTERN')).toMatchObject({ reserved: before.reserved, available: before.available });
  });

  it('CANCELLED when stock is short: the payment is voided, then the stock released, then the order cancelled', async () => {
    const before = await stockOf('LANTERN');
    const { body } = await settle([line('LANTERN', 1), line('HEART', 4)]);
    expect(body).toMatchObject({
      status: 'CANCELLED',
      cancellation: { reason: 'INSUFFICIENT_STOCK', shortages: [{ sku: 'HEART', requested: 4, available: 3 }] },
    });
    const types = (await eventsOf(body.id)).map(({ type }) => type);
    const at = (type: string) => types.indexOf(type);
    expect(at('PaymentVoided')).toBeGreaterThan(at('OrderCancellationRequested'));
    expect(at('InventoryReleased')).toBeGreaterThan(at('PaymentVoided'));
    expect(at('OrderCancelled')).toBeGreaterThan(at('InventoryReleased'));
    expect(types).not.toContain('PaymentCaptured');
    expect(await stockOf('LANTERN')).toMatchObject({ reserved: before.reserved, available: before.available });
    expect(await stockOf('HEART')).toMatchObject({ onHand: 3, reserved: 0 });
  });

  it('shipped and delivered: the reserved stock leaves the house', async () => {
    const before = await stockOf('LANTERN');
    const { body } = await settle([line('LANTERN', 2)]);
    const facts = { carrier: 'DPD', trackingNumber: '155' };
    const shipped = await platform.send<Order>('POST', `/api/v1/orders/${body.id}/ship`, facts);
    expect([shipped.status, shipped.body.status]).toEqual([200, 'SHIPPED']);
    const again = await platform.send<Order>('POST', `/api/v1/orders/${body.id}/ship`, facts);
    expect([again.status, again.body.revision]).toEqual([200, shipped.body.revision]);
    const other = await platform.send<{ code: string }>('POST', `/api/v1/orders/${body.id}/ship`, {
      ...facts,
      trackingNumber: '156',
    });
    expect([other.status, other.body.code]).toEqual([409, 'order-not-shippable']);
    const delivered = await platform.send<Order>('POST', `/api/v1/orders/${body.id}/deliver`);
    expect(delivered.body).toMatchObject({ status: 'DELIVERED', shipment: { ...facts } });
    await eventually(async () => (await stockOf('LANTERN')).onHand === before.onHand - 2);
    expect(await stockOf('LANTERN')).toMatchObject({ reserved: before.reserved, available: before.available - 2 });
  });

  it('once for a reference, whatever happens to the reply', async () => {
    const first = await settle([line('LANTERN', 1)], 'pm_card_visa', 'INV-1');
    const again = await settle([line('LANTERN', 1)], 'pm_card_visa', 'INV-1');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.id).toBe(first.body.id);
    const other = await platform.send<{ code: string }>('POST', '/api/v1/orders', {
      reference: 'INV-1',
      customerId: '18211',
      currency: 'GBP',
      lines: [line('LANTERN', 2)],
      payment: { method: 'pm_card_visa' },
    });
    expect([other.status, other.body.code]).toEqual([409, 'reference-taken']);
  });

  it('from two warehouses where one alone cannot serve it', async () => {
    await platform.send('PUT', '/api/v1/warehouses/north', { name: 'North', priority: 5 });
    await platform.send('POST', '/api/v1/stock/SPLIT/receipts', { warehouse: 'north', quantity: 4 });
    await platform.send('POST', '/api/v1/stock/SPLIT/receipts', { warehouse: 'main', quantity: 3 });
    const { body } = await settle([line('SPLIT', 2), line('SPLIT', 4)]);
    expect(body.status).toBe('CONFIRMED');
    expect(body.lines.map(({ allocations }) => allocations)).toEqual([
      [{ warehouse: 'main', quantity: 2 }],
      [
        { warehouse: 'main', quantity: 1 },
        { warehouse: 'north', quantity: 3 },
      ],
    ]);
  });
});
