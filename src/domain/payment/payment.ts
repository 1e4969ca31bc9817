// The payment: the arbiter between capture and void. It asks the gateway for nothing itself; the gateway worker reads its requests and
// records what the gateway said.

import { z } from 'zod';
import { type Decider, decided, type EventOf, nothing, refused, unreachable } from '../decider.js';
import { amount, currency, instant } from '../values.js';

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

const failure = { code: z.string(), message: z.string() };
/** Numbers the attempts of one operation; part of the gateway's idempotency key, so it is written before the gateway is asked. */
const attempt = z.int().positive();

export const paymentEvents = {
  PaymentRequested: z.object({ paymentId: z.uuid(), orderId: z.uuid(), amount, currency, method: z.string(), attempt }),
  GatewayPaymentCreated: z.object({ gateway: z.string(), intentId: z.string() }),
  PaymentAuthorized: z.object({ amount, captureBefore: instant.nullable() }),
  PaymentFailed: z.object(failure),
  PaymentCaptureRequested: z.object({ amount, attempt }),
  PaymentCaptured: z.object({ amount }),
  PaymentCaptureFailed: z.object(failure),
  PaymentVoidRequested: z.object({ attempt }),
  PaymentVoided: z.object({ neverRequested: z.boolean(), expired: z.boolean() }),
  RefundRequested: z.object({ refundId: z.uuid(), amount, attempt }),
  RefundAccepted: z.object({ refundId: z.uuid(), amount, gatewayRefundId: z.string() }),
  RefundSucceeded: z.object({ refundId: z.uuid() }),
  RefundFailed: z.object({ refundId: z.uuid(), ...failure }),
};
export type PaymentEvent = EventOf<typeof paymentEvents>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export type PaymentStatus =
  | 'NONE'
  | 'REQUESTED'
  | 'CREATED'
  | 'AUTHORIZED'
  | 'CAPTURING'
  | 'CAPTURED'
  | 'VOIDING'
  | 'VOIDED'
  | 'FAILED';

export interface Payment {
  readonly status: PaymentStatus;
  readonly request: z.infer<typeof paymentEvents.PaymentRequested> | null;
  readonly intentId: string | null;
  /** The gateway has held the money at some time. */
  readonly authorized: boolean;
  readonly captureAttempts: number;
  readonly voidAttempts: number;
  /** A void that came while a capture was under way: it counts once the capture is settled. */
  readonly voidWaiting: boolean;
}

const initialState: Payment = {
  status: 'NONE',
  request: null,
  intentId: null,
  authorized: false,
  captureAttempts: 0,
  voidAttempts: 0,
  voidWaiting: false,
};

function evolve(payment: Payment, event: PaymentEvent): Payment {
  switch (event.type) {
    case 'PaymentRequested':
      return { ...payment, status: 'REQUESTED', request: event.data };
    case 'GatewayPaymentCreated': {
      const status = payment.status === 'REQUESTED' ? 'CREATED' : payment.status;
      return { ...payment, status, intentId: event.data.intentId };
    }
    case 'PaymentAuthorized':
      return { ...payment, status: payment.status === 'VOIDING' ? 'VOIDING' : 'AUTHORIZED', authorized: true };
    case 'PaymentFailed':
      return { ...payment, status: 'FAILED' };
    case 'PaymentCaptureRequested':
      return { ...payment, status: 'CAPTURING', captureAttempts: event.data.attempt };
    case 'PaymentCaptured':
      return { ...payment, status: 'CAPTURED', voidWaiting: false };
    case 'PaymentCaptureFailed':
      return { ...payment, status: payment.voidWaiting ? 'VOIDING' : 'AUTHORIZED', voidWaiting: false };
    case 'PaymentVoidRequested':
      return payment.status === 'CAPTURING'
        ? { ...payment, voidWaiting: true, voidAttempts: event.data.attempt }
        : { ...payment, status: 'VOIDING', voidAttempts: event.data.attempt };
    case 'PaymentVoided':
      return { ...payment, status: 'VOIDED', voidWaiting: false };
    case 'RefundRequested':
    case 'RefundAccepted':
    case 'RefundSucceeded':
    case 'RefundFailed':
      return payment;
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

export type PaymentCommand =
  | { type: 'RequestPayment'; paymentId: string; orderId: string; amount: number; currency: string; method: string }
  | { type: 'RecordGatewayPayment'; gateway: string; intentId: string }
  | { type: 'RecordAuthorization'; amount: number; captureBefore: string | null }
  | { type: 'RecordPaymentFailure'; code: string; message: string }
  | { type: 'RequestCapture' }
  | { type: 'RecordCapture'; amount: number }
  | { type: 'RecordCaptureFailure'; code: string; message: string }
  | { type: 'RequestVoid' }
  | { type: 'RecordVoid'; expired: boolean };

export type PaymentRefusal = { code: 'payment-state'; status: PaymentStatus; command: PaymentCommand['type'] };

function decide(command: PaymentCommand, payment: Payment) {
  const { status } = payment;
  const impossible = () => refused<PaymentRefusal>({ code: 'payment-state', status, command: command.type });
  switch (command.type) {
    case 'RequestPayment': {
      if (status !== 'NONE') return nothing;
      const { type: _, ...request } = command;
      return decided<PaymentEvent>({ type: 'PaymentRequested', data: { ...request, attempt: 1 } });
    }
    case 'RecordGatewayPayment': {
      if (status === 'NONE') return impossible();
      if (payment.intentId !== null) return payment.intentId === command.intentId ? nothing : impossible();
      const { gateway, intentId } = command;
      return decided<PaymentEvent>({ type: 'GatewayPaymentCreated', data: { gateway, intentId } });
    }
    case 'RecordAuthorization': {
      if (payment.intentId === null) return impossible();
      if (payment.authorized || (status !== 'CREATED' && status !== 'VOIDING')) return nothing;
      const { amount, captureBefore } = command;
      return decided<PaymentEvent>({ type: 'PaymentAuthorized', data: { amount, captureBefore } });
    }
    case 'RecordPaymentFailure': {
      if (status === 'FAILED' || status === 'VOIDED') return nothing;
      if (status !== 'REQUESTED' && status !== 'CREATED' && status !== 'VOIDING') return impossible();
      return decided<PaymentEvent>({ type: 'PaymentFailed', data: { code: command.code, message: command.message } });
    }
    case 'RequestCapture': {
      if (status === 'NONE' || status === 'REQUESTED' || status === 'CREATED') return impossible();
      if (status !== 'AUTHORIZED' || payment.request === null) return nothing;
      return decided<PaymentEvent>({
        type: 'PaymentCaptureRequested',
        data: { amount: payment.request.amount, attempt: payment.captureAttempts + 1 },
      });
    }
    case 'RecordCapture':
      if (status === 'CAPTURED') return nothing;
      if (status !== 'CAPTURING' && status !== 'VOIDING') return impossible();
      return decided<PaymentEvent>({ type: 'PaymentCaptured', data: { amount: command.amount } });
    case 'RecordCaptureFailure':
      if (status === 'AUTHORIZED' || status === 'VOIDING') return nothing;
      if (status !== 'CAPTURING') return impossible();
      return decided<PaymentEvent>({ type: 'PaymentCaptureFailed', data: { code: command.code, message: command.message } });
    case 'RequestVoid':
      if (status === 'NONE')
        return decided<PaymentEvent>({ type: 'PaymentVoided', data: { neverRequested: true, expired: false } });
      if (status === 'CAPTURED' || status === 'VOIDING' || status === 'VOIDED' || status === 'FAILED' || payment.voidWaiting)
        return nothing;
      return decided<PaymentEvent>({ type: 'PaymentVoidRequested', data: { attempt: payment.voidAttempts + 1 } });
    case 'RecordVoid':
      if (status === 'VOIDED' || status === 'FAILED') return nothing;
      if (status !== 'VOIDING' && status !== 'CAPTURING' && !(status === 'AUTHORIZED' && command.expired)) return impossible();
      return decided<PaymentEvent>({ type: 'PaymentVoided', data: { neverRequested: false, expired: command.expired } });
    default:
      return unreachable(command);
  }
}

export const payment: Decider<Payment, PaymentCommand, PaymentEvent, PaymentRefusal> = {
  category: 'payment',
  initialState,
  evolve,
  decide,
};
