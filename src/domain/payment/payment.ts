// The payment: the arbiter between capture and void. It asks the gateway for nothing itself; the gateway worker reads its requests and
// records what the gateway said. Its events are in payment-events.ts.

import { type Decider, decided, nothing, refused, unreachable } from '../decider.js';
import type { PaymentEvent, PaymentRequest } from './payment-events.js';
import { type Refund, type RefundReport, recordRefund, requestRefund, withRefund } from './refund.js';

export { type PaymentEvent, paymentEvents } from './payment-events.js';

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
  /** As it was last made: its attempt is part of the gateway's idempotency keys. */
  readonly request: PaymentRequest | null;
  readonly intentId: string | null;
  /** The attempt of the request that the intent was made by; a later one asks for its confirmation again. */
  readonly intentAttempt: number;
  /** The gateway has held the money at some time. */
  readonly authorized: boolean;
  readonly captureAttempts: number;
  readonly voidAttempts: number;
  /** A void that came while a capture was under way: it counts once the capture is settled. */
  readonly voidWaiting: boolean;
  /** In minor units; 0 until the money is taken. */
  readonly captured: number;
  readonly refunds: ReadonlyMap<string, Refund>;
}

const initialState: Payment = {
  status: 'NONE',
  request: null,
  intentId: null,
  intentAttempt: 0,
  authorized: false,
  captureAttempts: 0,
  voidAttempts: 0,
  voidWaiting: false,
  captured: 0,
  refunds: new Map(),
};

function evolve(payment: Payment, event: PaymentEvent): Payment {
  switch (event.type) {
    case 'PaymentRequested':
      return { ...payment, status: payment.status === 'NONE' ? 'REQUESTED' : payment.status, request: event.data };
    case 'GatewayPaymentCreated': {
      const status = payment.status === 'REQUESTED' ? 'CREATED' : payment.status;
      return { ...payment, status, intentId: event.data.intentId, intentAttempt: payment.request?.attempt ?? 0 };
    }
    case 'PaymentAuthorized':
      return { ...payment, status: payment.status === 'VOIDING' ? 'VOIDING' : 'AUTHORIZED', authorized: true };
    case 'PaymentFailed':
      return { ...payment, status: 'FAILED' };
    case 'PaymentCaptureRequested':
      return { ...payment, status: 'CAPTURING', captureAttempts: event.data.attempt };
    case 'PaymentCaptured':
      return { ...payment, status: 'CAPTURED', voidWaiting: false, captured: event.data.amount };
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
      return { ...payment, refunds: withRefund(payment.refunds, event) };
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

/** What is asked of the gateway under a key of its own. */
export type GatewayOperation = { of: 'request' | 'capture' | 'void' } | { of: 'refund'; refundId: string };

export type PaymentCommand =
  | { type: 'RequestPayment'; paymentId: string; orderId: string; amount: number; currency: string; method: string }
  | { type: 'RecordGatewayPayment'; gateway: string; intentId: string }
  | { type: 'RecordAuthorization'; amount: number; captureBefore: string | null }
  | { type: 'RecordPaymentFailure'; code: string; message: string }
  | { type: 'RequestCapture' }
  | { type: 'RecordCapture'; amount: number }
  | { type: 'RecordCaptureFailure'; code: string; message: string }
  | { type: 'RequestVoid' }
  | { type: 'RecordVoid'; expired: boolean }
  | { type: 'RequestRefund'; refundId: string; amount: number }
  | ({ type: 'RecordRefund' } & RefundReport)
  /** The gateway keeps an error of its own under the key of this attempt, and was seen not to have done it: the next attempt has a new key. */
  | { type: 'RenewAttempt'; operation: GatewayOperation; failed: number };

export type PaymentRefusal =
  | { code: 'payment-state'; status: PaymentStatus; command: PaymentCommand['type'] }
  | { code: 'refund-exceeds-captured'; refundId: string; amount: number; refundable: number };

/** The same request once more, under the next number: written before the gateway is asked under that key. */
function renew(payment: Payment, operation: GatewayOperation, failed: number) {
  const { status, request, captureAttempts, voidAttempts } = payment;
  const attempt = failed + 1;
  switch (operation.of) {
    case 'request':
      if ((status !== 'REQUESTED' && status !== 'CREATED') || request?.attempt !== failed) return nothing;
      return decided<PaymentEvent>({ type: 'PaymentRequested', data: { ...request, attempt } });
    case 'capture':
      if (status !== 'CAPTURING' || captureAttempts !== failed || request === null) return nothing;
      return decided<PaymentEvent>({ type: 'PaymentCaptureRequested', data: { amount: request.amount, attempt } });
    case 'void':
      if (status !== 'VOIDING' || voidAttempts !== failed) return nothing;
      return decided<PaymentEvent>({ type: 'PaymentVoidRequested', data: { attempt } });
    case 'refund': {
      const { refundId } = operation;
      const refund = payment.refunds.get(refundId);
      if (refund?.state !== 'REQUESTED' || refund.attempt !== failed) return nothing;
      return decided<PaymentEvent>({ type: 'RefundRequested', data: { refundId, amount: refund.amount, attempt } });
    }
    default:
      return unreachable(operation);
  }
}

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
      if (status === 'VOIDED' || status === 'FAILED') return nothing;
      const { gateway, intentId } = command;
      return decided<PaymentEvent>({ type: 'GatewayPaymentCreated', data: { gateway, intentId } });
    }
    case 'RecordAuthorization': {
      if (payment.authorized || status === 'VOIDED') return nothing;
      const { amount, captureBefore } = command;
      if (payment.intentId === null || (status !== 'CREATED' && status !== 'VOIDING')) return impossible();
      // What is captured is what was requested, so it must be what is held.
      if (amount !== payment.request?.amount) return impossible();
      return decided<PaymentEvent>({ type: 'PaymentAuthorized', data: { amount, captureBefore } });
    }
    case 'RecordPaymentFailure': {
      if (status === 'FAILED' || status === 'VOIDED') return nothing;
      if (payment.authorized || (status !== 'REQUESTED' && status !== 'CREATED' && status !== 'VOIDING')) return impossible();
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
      if (payment.intentId === null || (status !== 'CAPTURING' && status !== 'VOIDING')) return impossible();
      if (payment.request === null || command.amount > payment.request.amount) return impossible();
      return decided<PaymentEvent>({ type: 'PaymentCaptured', data: { amount: command.amount } });
    case 'RecordCaptureFailure':
      if (status === 'CAPTURING')
        return decided<PaymentEvent>({ type: 'PaymentCaptureFailed', data: { code: command.code, message: command.message } });
      return payment.captureAttempts > 0 ? nothing : impossible();
    case 'RequestVoid':
      if (status === 'NONE')
        return decided<PaymentEvent>({ type: 'PaymentVoided', data: { neverRequested: true, expired: false } });
      if (status === 'CAPTURED' || status === 'VOIDING' || status === 'VOIDED' || status === 'FAILED' || payment.voidWaiting)
        return nothing;
      return decided<PaymentEvent>({ type: 'PaymentVoidRequested', data: { attempt: payment.voidAttempts + 1 } });
    case 'RecordVoid':
      if (status === 'VOIDED' || status === 'FAILED') return nothing;
      // Looked at before the capture was asked for: the capture finds the same, and says so itself.
      if (status === 'CAPTURING' && command.expired) return nothing;
      if (status !== 'VOIDING' && !(status === 'AUTHORIZED' && command.expired)) return impossible();
      return decided<PaymentEvent>({ type: 'PaymentVoided', data: { neverRequested: false, expired: command.expired } });
    case 'RequestRefund':
      return status === 'CAPTURED' ? requestRefund(payment.refunds, payment.captured, command) : impossible();
    case 'RecordRefund':
      return recordRefund(payment.refunds, command) ?? impossible();
    case 'RenewAttempt':
      return renew(payment, command.operation, command.failed);
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
