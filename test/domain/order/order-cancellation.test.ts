// How an order comes to be cancelled, and what comes back from a customer: the facts in the events. Which input is granted in which state is
// the walk's matter (test/domain/walk).

import { describe, expect, it } from 'vitest';
import { type OrderCommand, order } from '../../../src/domain/order/order.js';
import { given } from '../given-when-then.js';
import { standingsOf } from '../walk/cases.js';
import { orderCases } from '../walk/order-cases.js';

const soon = '2026-01-01T00:15:00.000Z';
const later = '2026-01-01T01:15:00.000Z';
const shortages = [{ sku: '22465', requested: 12, available: 5 }];

/** The history of a state of the walk. */
function historyOf(name: string) {
  const standing = standingsOf(orderCases).find((one) => one.name === name);
  if (standing === undefined) throw new Error(`There is no state ${name}.`);
  return standing.history;
}

const cancel: OrderCommand = { type: 'CancelOrder', note: 'changed my mind', attentionAt: later };
const byCustomer = { by: 'customer', reason: 'CUSTOMER_REQUEST', note: 'changed my mind' } as const;

describe('a customer cancels', () => {
  it('at once before anything was asked of anybody, with what they said', () =>
    given(order, historyOf('CREATED'))
      .when(cancel)
      .thenEvents({ type: 'OrderCancelled', data: { ...byCustomer, shortages: [] } }));
  it('and it takes its time from then on, bounded by the time at which a person looks', () =>
    given(order, historyOf('PENDING_PAYMENT'))
      .when(cancel)
      .thenEvents({ type: 'OrderCancellationRequested', data: { ...byCustomer, shortages: [], attentionAt: later } }));
  it('what the system has given up: the reason is theirs, the shortages stay known', () =>
    given(order, historyOf('PAYMENT_AUTHORIZED c by the system, short of stock'))
      .when(cancel)
      .thenEvents({ type: 'OrderCancellationRequested', data: { ...byCustomer, shortages, attentionAt: later } }));
  it('and a shortage that comes then is only noted', () =>
    given(order, historyOf('PAYMENT_AUTHORIZED c by the customer'))
      .when({ type: 'RecordReservationFailed', shortages, attentionAt: soon })
      .thenEvents({ type: 'OrderCancellationRequested', data: { ...byCustomer, shortages, attentionAt: soon } }));
});

describe('the system gives an order up', () => {
  const bySystem = { by: 'system', note: null, shortages: [], attentionAt: later } as const;
  it('when the payment takes too long', () =>
    given(order, historyOf('PENDING_PAYMENT'))
      .when({ type: 'TimeOutPayment', attentionAt: later })
      .thenEvents({ type: 'OrderCancellationRequested', data: { ...bySystem, reason: 'PAYMENT_TIMEOUT', shortages: [] } }));
  it('when the reservation expires', () =>
    given(order, historyOf('INVENTORY_RESERVED'))
      .when({ type: 'ExpireReservation', attentionAt: later })
      .thenEvents({ type: 'OrderCancellationRequested', data: { ...bySystem, reason: 'RESERVATION_EXPIRED', shortages: [] } }));
  it('when the capture fails, with what the gateway said', () =>
    given(order, historyOf('INVENTORY_RESERVED'))
      .when({ type: 'RecordCaptureFailed', code: 'expired', message: 'Too late.', attentionAt: later })
      .thenEvents({
        type: 'OrderCancellationRequested',
        data: { ...bySystem, reason: 'CAPTURE_FAILED', note: 'expired: Too late.', shortages: [] },
      }));
});

describe('an order is cancelled in the end for what it was asked for, else for what happened', () => {
  const reasonIn = (name: string) => {
    const last = historyOf(name).findLast((event) => event.type === 'OrderCancelled');
    return last?.type === 'OrderCancelled' ? last.data : null;
  };
  it.each([
    ['CANCELLED by the customer, at once', 'CUSTOMER_REQUEST'],
    ['CANCELLED after a decline', 'PAYMENT_DECLINED'],
    ['CANCELLED after a timeout', 'PAYMENT_TIMEOUT'],
    ['CANCELLED for want of stock', 'INSUFFICIENT_STOCK'],
    ['CANCELLED by the customer, voided', 'CUSTOMER_REQUEST'],
    ['CANCELLED by the customer, refunded', 'CUSTOMER_REQUEST'],
  ])('%s: %s', (name, reason) => expect(reasonIn(name)?.reason).toBe(reason));
  it('a payment that expired without anybody asking', () =>
    given(order, historyOf('PAYMENT_VOIDED'))
      .when({ type: 'RecordInventoryReleased' })
      .thenEvents({ type: 'OrderCancelled', data: { by: 'system', reason: 'PAYMENT_VOIDED', note: null, shortages: [] } }));
});

describe('a return', () => {
  const back = (quantity: number, returnId = 'return-1'): OrderCommand => ({
    type: 'ReturnOrder',
    returnId,
    refundId: `refund of ${returnId}`,
    reason: null,
    lines: [{ line: 1, quantity, condition: 'DAMAGED' }],
    attentionAt: later,
  });
  it("is refunded at its lines' own prices", () =>
    given(order, historyOf('SHIPPED'))
      .when(back(3))
      .thenEvents({
        type: 'OrderReturnAccepted',
        data: {
          returnId: 'return-1',
          refundId: 'refund of return-1',
          amount: 495,
          reason: null,
          lines: [{ line: 1, quantity: 3, condition: 'DAMAGED' }],
          attentionAt: later,
        },
      }));
  it('never takes back more of a line than was shipped, over all returns', () =>
    given(order, historyOf('SHIPPED with a return'))
      .when(back(11))
      .thenRefused({ code: 'return-exceeds-shipped', index: 0, line: 1, returnable: 10 }));
  it('knows no line that was not ordered', () =>
    given(order, historyOf('SHIPPED'))
      .when({ ...back(1), lines: [{ line: 7, quantity: 1, condition: 'RESALABLE' }] } as OrderCommand)
      .thenRefused({ code: 'return-exceeds-shipped', index: 0, line: 7, returnable: 0 }));
});
