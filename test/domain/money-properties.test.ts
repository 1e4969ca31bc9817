// What holds for the money of every order and every payment at every revision, over random histories that their own decisions made.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { order } from '../../src/domain/order/order.js';
import { type PaymentEvent, payment } from '../../src/domain/payment/payment.js';
import { histories, live, orderCommands, paymentCommands } from './commands.js';
import { orderCases } from './walk/order-cases.js';
import { paymentCases } from './walk/payment-cases.js';

const numRuns = 1000;

describe('an order, at every revision', () => {
  const commands = histories(orderCommands, orderCases.standings);

  it('in CREATED there is no payment, and the total is above zero', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(order, sent, ({ state }) => {
          if (state.status === 'CREATED') expect(state).toMatchObject({ paymentId: null, authorized: false, reserved: false });
          if (state.status !== 'NONE') expect(state.total).toBeGreaterThan(0);
        }),
      ),
      { numRuns },
    ));

  it('in CONFIRMED and after it the payment is captured and not voided, and the stock was reserved', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(order, sent, ({ state }) => {
          if (['PAYMENT_CAPTURED', 'CONFIRMED', 'SHIPPED', 'DELIVERED'].includes(state.status))
            expect(state).toMatchObject({ authorized: true, captured: true, reserved: true, voided: false });
        }),
      ),
      { numRuns },
    ));

  it('in CANCELLED, which is the end, what was captured has been refunded', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(order, sent, ({ before, state }) => {
          if (before.status === 'CANCELLED') expect(state.status).toBe('CANCELLED');
          if (state.status === 'CANCELLED' && state.captured) expect(state.refunded.size).toBeGreaterThan(0);
        }),
      ),
      { numRuns },
    ));

  it('is never shipped while it is cancelling, and never cancelling once it is shipped', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(order, sent, ({ before, state }) => {
          if (before.status !== 'SHIPPED' && state.status === 'SHIPPED') expect(before.cancelling).toBeNull();
          if (state.status === 'SHIPPED' || state.status === 'DELIVERED') expect(state.cancelling).toBeNull();
        }),
      ),
      { numRuns },
    ));

  it('no more of a line comes back than was ordered', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(order, sent, ({ state }) => {
          for (const [line, units] of state.returned)
            expect(units).toBeLessThanOrEqual(state.lines.find((ordered) => ordered.line === line)?.quantity ?? 0);
        }),
      ),
      { numRuns },
    ));
});

describe('a payment, at every revision', () => {
  const commands = histories(paymentCommands, paymentCases.standings);
  const count = (events: readonly PaymentEvent[], type: PaymentEvent['type']) =>
    events.filter((event) => event.type === type).length;

  it('is authorised for what was requested, and captured never exceeds that', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(payment, sent, ({ state, events }) => {
          const requested = state.request?.amount ?? 0;
          for (const event of events) if (event.type === 'PaymentAuthorized') expect(event.data.amount).toBe(requested);
          expect(state.captured).toBeLessThanOrEqual(requested);
        }),
      ),
      { numRuns },
    ));

  it('is captured at most once, and is then neither voided nor failed', () =>
    fc.assert(
      fc.property(commands, (sent) => {
        const history: PaymentEvent[] = [];
        live(payment, sent, ({ events }) => void history.push(...events));
        const ends = (['PaymentCaptured', 'PaymentVoided', 'PaymentFailed'] as const).map((type) => count(history, type));
        expect(ends.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(1);
      }),
      { numRuns },
    ));

  it('refunds never exceed captures', () =>
    fc.assert(
      fc.property(commands, (sent) =>
        live(payment, sent, ({ state }) => {
          const standing = [...state.refunds.values()].filter((refund) => refund.state !== 'FAILED');
          expect(standing.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(state.captured);
        }),
      ),
      { numRuns },
    ));

  it('each capture and each refund is asked for under a number of its own', () =>
    fc.assert(
      fc.property(commands, (sent) => {
        const keys: string[] = [];
        live(payment, sent, ({ events }) => {
          for (const event of events) {
            if (event.type === 'PaymentCaptureRequested') keys.push(`capture/${event.data.attempt}`);
            if (event.type === 'RefundRequested') keys.push(`refund/${event.data.refundId}/${event.data.attempt}`);
            if (event.type === 'PaymentVoidRequested') keys.push(`void/${event.data.attempt}`);
          }
        });
        expect(keys).toEqual([...new Set(keys)]);
      }),
      { numRuns },
    ));
});
