import { describe, it } from 'vitest';
import { type NewOrder, type OrderCommand, order } from '../../../src/domain/order/order.js';
import type { OrderEvent } from '../../../src/domain/order/order-events.js';
import { given } from '../given-when-then.js';

const orderId = '01985c5e-0000-7000-8000-000000000001';
const paymentId = '01985c5e-0000-5000-8000-000000000002';
const then = '2026-01-01T00:00:00.000Z';
const soon = '2026-01-01T00:15:00.000Z';

const request: NewOrder = {
  orderId,
  principal: 'anonymous',
  reference: 'INV-1',
  requestHash: 'hash-1',
  customerId: '17850',
  currency: 'GBP',
  placedAt: then,
  paymentMethod: 'pm_card_visa',
  lines: [
    { line: 1, sku: '22465', description: 'Lantern', quantity: 12, unitPrice: 165 },
    { line: 2, sku: '22465', description: 'Lantern', quantity: 1, unitPrice: 0 },
  ],
};
const shortages = [{ sku: '22465', requested: 13, available: 5 }];
const short = { by: 'system', reason: 'INSUFFICIENT_STOCK', note: null, shortages } as const;

const created: OrderEvent = { type: 'OrderCreated', data: { ...request, lines: [...request.lines], total: 1980 } };
const paymentRequested: OrderEvent = {
  type: 'OrderPaymentRequested',
  data: { paymentId, amount: 1980, currency: 'GBP', timeoutAt: soon },
};
const authorized: OrderEvent = { type: 'OrderPaymentAuthorized', data: { paymentId, captureBefore: soon } };
const allocations = [{ sku: '22465', warehouse: 'main', quantity: 13 }];
const reserved: OrderEvent = { type: 'OrderInventoryReserved', data: { allocations, expiresAt: soon } };
const captured: OrderEvent = { type: 'OrderPaymentCaptured', data: { paymentId, amount: 1980 } };
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { shipBy: soon } };
const cancelling: OrderEvent = {
  type: 'OrderCancellationRequested',
  data: { ...short, shortages: [...shortages], attentionAt: soon },
};
const voided: OrderEvent = { type: 'OrderPaymentVoided', data: { paymentId, expired: false } };
const cancelled: OrderEvent = { type: 'OrderCancelled', data: { ...short, shortages: [...shortages] } };
const shipped: OrderEvent = { type: 'OrderShipped', data: { carrier: 'DPD', trackingNumber: '1', deliverBy: soon } };
const delivered: OrderEvent = { type: 'OrderDelivered', data: {} };

const create = (over: Partial<NewOrder> = {}): OrderCommand => ({ type: 'CreateOrder', order: { ...request, ...over } });
const start: OrderCommand = { type: 'StartOrder', paymentId, timeoutAt: soon };
const recordAuthorized: OrderCommand = { type: 'RecordPaymentAuthorized', paymentId, captureBefore: soon };
const recordFailed: OrderCommand = { type: 'RecordPaymentFailed', paymentId, code: 'card_declined', message: 'No.' };
const recordReserved: OrderCommand = { type: 'RecordInventoryReserved', allocations, expiresAt: soon };
const recordShortage: OrderCommand = { type: 'RecordReservationFailed', shortages, attentionAt: soon };
const recordCaptured: OrderCommand = { type: 'RecordPaymentCaptured', paymentId, amount: 1980, shipBy: soon };
const recordVoided: OrderCommand = { type: 'RecordPaymentVoided', paymentId, expired: false };
const recordReleased: OrderCommand = { type: 'RecordInventoryReleased' };
const ship: OrderCommand = { type: 'ShipOrder', carrier: 'DPD', trackingNumber: '1', deliverBy: soon };
const deliver: OrderCommand = { type: 'DeliverOrder' };

const toConfirmed = [created, paymentRequested, authorized, reserved, captured, confirmed];
const toCancelled = [created, paymentRequested, authorized, cancelling, voided, cancelled];

describe('an order is created', () => {
  it('with its total counted, and lines kept as they came, also the same SKU twice and a free one', () =>
    given(order).when(create()).thenEvents(created));
  it('once: the same reference with the same request adds nothing', () => given(order, toConfirmed).when(create()).thenNothing());
  it('once: the same reference with another request is refused', () =>
    given(order, [created])
      .when(create({ requestHash: 'hash-2' }))
      .thenRefused({ code: 'reference-taken', reference: 'INV-1' }));
  it('not with a total of zero', () =>
    given(order)
      .when(create({ lines: [{ line: 1, sku: 'A', description: null, quantity: 5, unitPrice: 0 }] }))
      .thenRefused({ code: 'order-total-zero' }));
  it('not with a total beyond safe integers', () =>
    given(order)
      .when(create({ lines: [{ line: 1, sku: 'A', description: null, quantity: 3, unitPrice: Number.MAX_SAFE_INTEGER }] }))
      .thenRefused({ code: 'order-too-large', detail: 'the total is beyond what can be counted' }));
  it('not with more than 2,000 lines', () =>
    given(order)
      .when(
        create({
          lines: Array.from({ length: 2001 }, (_, i) => ({ line: i + 1, sku: 'A', description: null, quantity: 1, unitPrice: 1 })),
        }),
      )
      .thenRefused({ code: 'order-too-large', detail: '2001 lines; at most 2000' }));
  it('not above 512 KiB of event, counted in bytes', () => {
    const lines = Array.from({ length: 500 }, (_, i) => ({
      line: i + 1,
      sku: 'A',
      description: '€'.repeat(400),
      quantity: 1,
      unitPrice: 1,
    }));
    const { lines: _, ...rest } = request;
    const bytes = Buffer.byteLength(JSON.stringify({ ...rest, lines, total: 500 }));
    given(order)
      .when(create({ lines }))
      .thenRefused({ code: 'order-too-large', detail: `${bytes} bytes; at most 524288` });
  });
});

describe('an order goes to CONFIRMED', () => {
  it('CREATED, start: payment is requested for its total', () => given(order, [created]).when(start).thenEvents(paymentRequested));
  it('PENDING_PAYMENT, authorised', () => given(order, [created, paymentRequested]).when(recordAuthorized).thenEvents(authorized));
  it('PAYMENT_AUTHORIZED, reserved', () =>
    given(order, [created, paymentRequested, authorized]).when(recordReserved).thenEvents(reserved));
  it('INVENTORY_RESERVED, captured: confirmed in the same write', () =>
    given(order, toConfirmed.slice(0, 4)).when(recordCaptured).thenEvents(captured, confirmed));
  it('each step again adds nothing', () => {
    for (const command of [start, recordAuthorized, recordReserved, recordCaptured])
      given(order, toConfirmed).when(command).thenNothing();
  });
});

describe('an order is shipped and delivered', () => {
  it('CONFIRMED, ship', () => given(order, toConfirmed).when(ship).thenEvents(shipped));
  it('SHIPPED, deliver', () =>
    given(order, [...toConfirmed, shipped])
      .when(deliver)
      .thenEvents(delivered));
  it('shipping again with the same facts adds nothing', () =>
    given(order, [...toConfirmed, shipped])
      .when(ship)
      .thenNothing());
  it('shipping again with other facts is refused', () =>
    given(order, [...toConfirmed, shipped])
      .when({ ...ship, trackingNumber: '2' })
      .thenRefused({ code: 'order-not-shippable', status: 'SHIPPED', cancelling: false }));
  it('not before it is confirmed', () =>
    given(order, toConfirmed.slice(0, 4))
      .when(ship)
      .thenRefused({ code: 'order-not-shippable', status: 'INVENTORY_RESERVED', cancelling: false }));
  it('not while cancelling', () =>
    given(order, [...toConfirmed, cancelling])
      .when(ship)
      .thenRefused({ code: 'order-not-shippable', status: 'CONFIRMED', cancelling: true }));
  it('not delivered before it is shipped', () =>
    given(order, toConfirmed).when(deliver).thenRefused({ code: 'order-not-deliverable', status: 'CONFIRMED' }));
  it('delivering again adds nothing', () =>
    given(order, [...toConfirmed, shipped, delivered])
      .when(deliver)
      .thenNothing());
  it('an order that does not exist is said not to exist', () => given(order).when(ship).thenRefused({ code: 'order-not-found' }));
});

describe('a declined payment cancels the order', () => {
  const failed: OrderEvent = { type: 'OrderPaymentFailed', data: { paymentId, code: 'card_declined', message: 'No.' } };
  const declined: OrderEvent = {
    type: 'OrderCancelled',
    data: { by: 'system', reason: 'PAYMENT_DECLINED', note: null, shortages: [] },
  };
  it('in one write', () => given(order, [created, paymentRequested]).when(recordFailed).thenEvents(failed, declined));
  it('once', () => given(order, [created, paymentRequested, failed, declined]).when(recordFailed).thenNothing());
});

describe('a shortage cancels the order: void, then release, then cancel', () => {
  it('first it is only cancelling, and says what was short', () =>
    given(order, [created, paymentRequested, authorized]).when(recordShortage).thenEvents(cancelling));
  it('once', () => given(order, toCancelled.slice(0, 4)).when(recordShortage).thenNothing());
  it('then the payment is voided', () => given(order, toCancelled.slice(0, 4)).when(recordVoided).thenEvents(voided));
  it('then the stock is released and it is cancelled, with the reason', () =>
    given(order, toCancelled.slice(0, 5)).when(recordReleased).thenEvents(cancelled));
  it('never released into CANCELLED while the money may still be held', () =>
    given(order, toCancelled.slice(0, 4))
      .when(recordReleased)
      .thenEvents({
        type: 'OrderAttentionRaised',
        data: {
          code: 'out-of-step',
          subject: 'RecordInventoryReleased',
          detail: 'RecordInventoryReleased came while the order was PAYMENT_AUTHORIZED.',
        },
      }));
  it('each step again adds nothing', () => {
    for (const command of [recordShortage, recordVoided, recordReleased]) given(order, toCancelled).when(command).thenNothing();
  });
});

describe('what should be impossible raises attention, once', () => {
  const raised = (code: string, detail: string): OrderEvent => ({
    type: 'OrderAttentionRaised',
    data: { code, subject: paymentId, detail },
  });
  const late = raised(
    'payment-captured-without-stock',
    `Payment ${paymentId} was captured while the order was PAYMENT_AUTHORIZED.`,
  );
  it('money captured without stock', () => given(order, toConfirmed.slice(0, 3)).when(recordCaptured).thenEvents(late));
  it('not twice', () =>
    given(order, [...toConfirmed.slice(0, 3), late])
      .when(recordCaptured)
      .thenNothing());
  it('an authorisation on an order that was cancelled before it', () =>
    given(order, [created, cancelled])
      .when(recordAuthorized)
      .thenEvents(raised('payment-authorized-after-cancellation', `Payment ${paymentId} was authorised.`)));
  it('but not an authorisation that was recorded and is heard again after the order was cancelled', () =>
    given(order, toCancelled).when(recordAuthorized).thenNothing());
});
