import { describe, expect, it } from 'vitest';
import { fulfilmentStep, fulfilmentSteps, type WaitingWork } from '../../../src/projections/order-events/fulfilment-steps.js';
import type { EventView } from '../../../src/projections/order-events/order-event-view.js';

const id = (n: number) => `01985c5e-0000-7000-8000-${String(n).padStart(12, '0')}`;
const streams: readonly (readonly [words: RegExp, stream: string])[] = [
  [/^Order/, 'order-1'],
  [/^(Payment|Gateway|Refund)/, 'payment-1'],
  [/^(Inventory|Reservation)/, 'reservation-1'],
];

/** A story: each event with the number of the one that caused it, a second apart. */
function story(
  ...events: readonly (readonly [type: string, cause: number, data?: Record<string, unknown>])[]
): readonly EventView[] {
  return events.map(([type, cause, data = {}], n) => ({
    position: `k3f9ab:${100 * n}`,
    at: new Date(Date.UTC(2026, 0, 1) + 1000 * n).toISOString(),
    stream: streams.find(([words]) => words.test(type))?.[1] ?? 'order-1',
    revision: n,
    type,
    version: 1,
    id: id(n),
    causationId: id(cause),
    commandId: id(1000 + n),
    actor: 'process-manager',
    data,
  }));
}

const confirmed = [
  ['OrderCreated', 0],
  ['OrderPaymentRequested', 0],
  ['PaymentRequested', 1, { attempt: 1 }],
  ['GatewayPaymentCreated', 2],
  ['PaymentAuthorized', 3],
  ['OrderPaymentAuthorized', 4],
  ['InventoryReservationRequested', 5],
  ['InventoryReserved', 6],
  ['OrderInventoryReserved', 7],
  ['PaymentCaptureRequested', 8, { attempt: 1 }],
  ['PaymentCaptured', 9],
  ['OrderPaymentCaptured', 10],
  ['OrderConfirmed', 10],
] as const;

const waits = (what: string, stream: string, position: number, over: Partial<WaitingWork> = {}): WaitingWork => ({
  kind: 'reaction',
  what,
  trigger: { stream, position: BigInt(position) },
  dueAt: new Date('2026-01-01T00:05:00.000Z'),
  attempts: 1,
  lastError: null,
  ...over,
});
const brief = (events: readonly EventView[], waiting: readonly WaitingWork[] = []) =>
  fulfilmentSteps(events, waiting).map(({ step, trigger, outcome }) => [step, trigger.type, outcome?.type ?? null]);

describe('the saga step by step', () => {
  it('names what triggered each step, how it ended and how long that took', () => {
    const steps = fulfilmentSteps(story(...confirmed), []);
    for (const step of steps) expect(fulfilmentStep.parse(step)).toEqual(step);
    expect(brief(story(...confirmed))).toEqual([
      ['AUTHORIZE_PAYMENT', 'OrderPaymentRequested', 'PaymentAuthorized'],
      ['RESERVE_INVENTORY', 'OrderPaymentAuthorized', 'InventoryReserved'],
      ['CAPTURE_PAYMENT', 'OrderInventoryReserved', 'PaymentCaptured'],
      ['CONFIRM_ORDER', 'PaymentCaptured', 'OrderConfirmed'],
      ['AWAIT_SHIPMENT', 'OrderConfirmed', null],
    ]);
    expect(steps[0]).toMatchObject({ command: 'RequestPayment', tookMs: 3000, attempts: 1, waitingFor: null });
  });

  it('says what a step waits for: the gateway with its last error, else the deadline that bounds it', () => {
    const events = story(...confirmed.slice(0, 4));
    const deadline = waits('payment-timeout', 'order-1', 100, { kind: 'deadline' });
    expect(fulfilmentSteps(events, [deadline])[0]?.waitingFor).toEqual({
      reason: 'payment-timeout',
      dueAt: '2026-01-01T00:05:00.000Z',
    });
    const call = waits('gateway call', 'payment-1', 300, { attempts: 4, lastError: 'Nobody there.' });
    expect(fulfilmentSteps(events, [deadline, call])[0]).toMatchObject({ attempts: 4, waitingFor: { reason: 'Nobody there.' } });
  });

  it('counts a request under the next number as another attempt of the same step', () => {
    const again = [...confirmed.slice(0, 10), ['PaymentCaptureRequested', 9, { attempt: 2 }] as const];
    const steps = fulfilmentSteps(story(...again), []);
    expect(steps.filter(({ step }) => step === 'CAPTURE_PAYMENT')).toMatchObject([{ attempts: 2, outcome: null }]);
  });

  it('tells a cancellation after the capture: refund, then stock, then the end', () => {
    const events = story(
      ...confirmed,
      ['OrderCancellationRequested', 13],
      ['RefundRequested', 13, { refundId: 'r-1', attempt: 1 }],
      ['RefundFailed', 14, { refundId: 'r-1' }],
      ['OrderAttentionRaised', 15],
      ['OrderAttentionCleared', 17],
      ['RefundRequested', 17, { refundId: 'r-2', attempt: 1 }],
      ['RefundAccepted', 18, { refundId: 'r-2' }],
      ['OrderPaymentRefunded', 19],
      ['InventoryReleaseRequested', 20],
      ['InventoryReleased', 21],
      ['OrderInventoryReleased', 22],
      ['OrderCancelled', 22],
    );
    expect(brief(events).slice(4)).toEqual([
      ['AWAIT_SHIPMENT', 'OrderConfirmed', 'OrderCancellationRequested'],
      ['REFUND_PAYMENT', 'OrderCancellationRequested', 'RefundFailed'],
      ['REFUND_PAYMENT', 'OrderAttentionCleared', 'RefundAccepted'],
      ['RELEASE_INVENTORY', 'OrderPaymentRefunded', 'InventoryReleased'],
      ['CANCEL_ORDER', 'InventoryReleased', 'OrderCancelled'],
    ]);
    expect(fulfilmentSteps(events, []).at(-1)?.command).toBe('RecordInventoryReleased');
  });

  it('has no steps for an order that has only been created', () => expect(brief(story(['OrderCreated', 0]))).toEqual([]));
});
