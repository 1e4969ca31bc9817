// The payment as the world sees it, and how its events make it. What the gateway said is in the events; the gateway is never asked.

import { z } from 'zod';
import { unreachable } from '../../domain/decider.js';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { type PaymentEvent, payment } from '../../domain/payment/payment.js';
import { amount, currency, instant } from '../../domain/values.js';
import { idOf, times, version } from '../shapes.js';

export const paymentStatus = z.enum(['REQUESTED', 'CREATED', 'AUTHORIZED', 'CAPTURING', 'CAPTURED', 'VOIDING', 'VOIDED', 'FAILED']);

const failure = z.object({ code: z.string(), message: z.string() });

export const refundView = z.object({
  id: z.uuid(),
  status: z.enum(['REQUESTED', 'ACCEPTED', 'SUCCEEDED', 'FAILED']),
  amount,
  failure: failure.nullable(),
  requestedAt: instant,
});
type Refund = z.infer<typeof refundView>;

/** What was asked for is not known of a payment that was voided before it was requested. */
export const paymentView = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  status: paymentStatus,
  currency: currency.nullable(),
  amount: amount.nullable(),
  /** What the gateway held, took and gave back, in minor units. */
  authorized: amount,
  captured: amount,
  refunded: amount,
  method: z.string().nullable(),
  gateway: z.object({ name: z.string(), intentId: z.string() }).nullable(),
  failure: failure.nullable(),
  refunds: z.array(refundView),
  ...times,
  ...version,
});
export type PaymentView = z.infer<typeof paymentView>;

/** The view and what it takes to go on from it, but is not shown: a void that waits for the end of a capture. */
export interface PaymentFold {
  readonly view: PaymentView;
  readonly voidWaiting: boolean;
}

function first({ stream, metadata, at, revision, position }: Recorded<PaymentEvent>, logId: string): PaymentView {
  return {
    id: idOf(stream),
    orderId: metadata.$correlationId,
    status: 'REQUESTED',
    currency: null,
    amount: null,
    authorized: 0,
    captured: 0,
    refunded: 0,
    method: null,
    gateway: null,
    failure: null,
    refunds: [],
    createdAt: at,
    updatedAt: at,
    revision,
    position: formatPosition(logId, position),
  };
}

function withRefund(view: PaymentView, id: string, change: Partial<Refund>): Partial<PaymentView> {
  const refunds = view.refunds.map((refund) => (refund.id === id ? { ...refund, ...change } : refund));
  const counts = ({ status }: Refund) => status === 'ACCEPTED' || status === 'SUCCEEDED';
  return { refunds, refunded: refunds.reduce((sum, refund) => sum + (counts(refund) ? refund.amount : 0), 0) };
}

function details(view: PaymentView, event: PaymentEvent, at: string): Partial<PaymentView> {
  switch (event.type) {
    case 'PaymentRequested': {
      const { orderId, amount, currency, method } = event.data;
      return { orderId, amount, currency, method };
    }
    case 'GatewayPaymentCreated':
      return { gateway: { name: event.data.gateway, intentId: event.data.intentId } };
    case 'PaymentAuthorized':
      return { authorized: event.data.amount };
    case 'PaymentFailed':
    case 'PaymentCaptureFailed':
      return { failure: { code: event.data.code, message: event.data.message } };
    case 'PaymentCaptured':
      return { captured: event.data.amount, failure: null };
    case 'RefundRequested': {
      const { refundId: id, amount } = event.data;
      const refund: Refund = { id, status: 'REQUESTED', amount, failure: null, requestedAt: at };
      return { refunds: [...view.refunds.filter((known) => known.id !== id), refund] };
    }
    case 'RefundAccepted':
      return withRefund(view, event.data.refundId, { status: 'ACCEPTED' });
    case 'RefundSucceeded':
      return withRefund(view, event.data.refundId, { status: 'SUCCEEDED' });
    case 'RefundFailed': {
      const { refundId, code, message } = event.data;
      return withRefund(view, refundId, { status: 'FAILED', failure: { code, message } });
    }
    case 'PaymentCaptureRequested':
    case 'PaymentVoidRequested':
    case 'PaymentVoided':
      return {};
    default:
      return unreachable(event);
  }
}

/** The payment after one more event of its stream; `null` before its first. Its status is the aggregate's own rule. */
export function evolvePayment(before: PaymentFold | null, recorded: Recorded<PaymentEvent>, logId: string): PaymentFold {
  const { event, at, revision } = recorded;
  const view = before?.view ?? first(recorded, logId);
  const state = payment.evolve(
    { ...payment.initialState, status: before === null ? 'NONE' : view.status, voidWaiting: before?.voidWaiting ?? false },
    event,
  );
  const status = state.status === 'NONE' ? view.status : state.status;
  const position = formatPosition(logId, recorded.position);
  return {
    view: { ...view, ...details(view, event, at), status, updatedAt: at, revision, position },
    voidWaiting: state.voidWaiting,
  };
}
