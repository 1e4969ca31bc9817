// What comes after an order was placed or confirmed, through every real part: cancelling with its refund, returns, and what the saga tells
// of itself.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/condition.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly paymentId: string;
  readonly position: string;
  readonly cancellation: null | { readonly reason: string };
}
interface Step {
  readonly step: string;
  readonly outcome: null | { readonly type: string };
  readonly waitingFor: null | { readonly reason: string; readonly dueAt: string };
}
interface Payment {
  readonly status: string;
  readonly captured: number;
  readonly refunded: number;
}

let home: PlatformHome;
let platform: Platform;
beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
  await platform.send('POST', '/api/v1/stock/A/receipts', { warehouse: 'main', quantity: 100 });
}, 120_000);
afterAll(() => home.remove());

const place = async (method = 'pm_card_visa', headers: Record<string, string> = { prefer: 'wait=20' }) => {
  const lines = [{ sku: 'A', quantity: 4, unitPrice: 100 }];
  const request = { customerId: 'c', currency: 'GBP', lines, payment: { method } };
  return (await platform.send<Order>('POST', '/api/v1/orders', request, headers)).body;
};
const orderOf = async (id: string) => (await platform.get<Order>(`/api/v1/orders/${id}`)).body;
const stepsOf = async (id: string) => (await platform.get<{ data: Step[] }>(`/api/v1/orders/${id}/fulfilment`)).body.data;
const paymentOf = async (id: string) => (await platform.get<Payment>(`/api/v1/payments/${id}`)).body;
const stock = async () => (await platform.get<{ onHand: number; reserved: number }>('/api/v1/stock/A')).body;
const cancelled = (id: string) =>
  eventually(async () => {
    const order = await orderOf(id);
    return order.status === 'CANCELLED' && order;
  });

describe('an order that is cancelled by its customer', () => {
  it('after it was confirmed, gets its money back before its stock is given away', async () => {
    const before = await stock();
    const order = await place();
    expect(order.status).toBe('CONFIRMED');
    expect((await platform.send('POST', `/api/v1/orders/${order.id}/cancel`)).status).toBe(202);
    expect((await cancelled(order.id)).cancellation?.reason).toBe('CUSTOMER_REQUEST');
    await eventually(async () => (await paymentOf(order.paymentId)).refunded === 400);
    await eventually(async () => (await stock()).reserved === before.reserved);
    const outcomes = (await stepsOf(order.id)).map(({ outcome }) => outcome?.type);
    expect(outcomes.indexOf('RefundAccepted')).toBeGreaterThan(-1);
    expect(outcomes.indexOf('InventoryReleased')).toBeGreaterThan(outcomes.indexOf('RefundAccepted'));
  });

  it('while its bank waits for its customer, is voided at once', async () => {
    const order = await place('pm_card_authenticationRequired', {});
    const waiting = await eventually(async () => {
      const [step] = await stepsOf(order.id);
      return step?.waitingFor?.reason.includes('pending') === true && step;
    });
    expect(waiting).toMatchObject({ step: 'AUTHORIZE_PAYMENT', outcome: null });
    expect((await platform.send('POST', `/api/v1/orders/${order.id}/cancel`)).status).toBe(202);
    const { paymentId } = await cancelled(order.id);
    await eventually(async () => (await paymentOf(paymentId)).status === 'VOIDED');
  });
});

describe('an order whose capture fails', () => {
  it('is voided, its stock released, and cancelled', async () => {
    const order = await place('pm_sim_capture_fails');
    expect(order).toMatchObject({ status: 'CANCELLED', cancellation: { reason: 'CAPTURE_FAILED' } });
    await eventually(async () => (await paymentOf(order.paymentId)).status === 'VOIDED');
    expect(await paymentOf(order.paymentId)).toMatchObject({ captured: 0, refunded: 0 });
  });
});

describe('shipped goods that come back', () => {
  it('are refunded at their price, and what can be sold again is in stock again', async () => {
    const order = await place();
    await platform.send('POST', `/api/v1/orders/${order.id}/ship`, {});
    const shipped = await eventually(async () => {
      const [, , , , , delivery] = await stepsOf(order.id);
      const moved = (await stepsOf(order.id)).some(({ outcome }) => outcome?.type === 'InventoryShipped');
      return moved && delivery !== undefined && (await stock());
    });
    const lines = [
      { line: 1, quantity: 2, condition: 'RESALABLE' },
      { line: 1, quantity: 1, condition: 'DAMAGED' },
    ];
    const { status } = await platform.send('POST', `/api/v1/orders/${order.id}/returns`, { lines, reason: 'too many' });
    expect(status).toBe(201);
    await eventually(async () => (await paymentOf(order.paymentId)).refunded === 300);
    await eventually(async () => (await stock()).onHand === shipped.onHand + 2);
    const { data } = (await platform.get<{ data: { refund: { status: string } }[] }>(`/api/v1/orders/${order.id}/returns`)).body;
    expect(data).toMatchObject([{ amount: 300, refund: { status: 'SUCCEEDED' } }]);
    expect((await orderOf(order.id)).status).toBe('SHIPPED');
  });
});
