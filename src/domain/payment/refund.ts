// The refunds of one payment: never more than was captured, each once under its id, and what the gateway said of each, also days later.

import { type Decision, decided, nothing, refused } from '../decider.js';
import type { PaymentEvent } from './payment-events.js';

export type RefundEvent = Extract<
  PaymentEvent,
  { type: 'RefundRequested' | 'RefundAccepted' | 'RefundSucceeded' | 'RefundFailed' }
>;

export interface Refund {
  readonly amount: number;
  /** The number of the last request: part of the gateway's idempotency key. */
  readonly attempt: number;
  readonly state: 'REQUESTED' | 'ACCEPTED' | 'SUCCEEDED' | 'FAILED';
}

/** What the gateway said of a refund; a bank may let one fail that was accepted long ago. */
export type RefundReport = { readonly refundId: string } & (
  | { readonly outcome: 'accepted' | 'succeeded'; readonly gatewayRefundId: string }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string }
);

type Refunds = ReadonlyMap<string, Refund>;

/** The refunds after one more event. */
export function withRefund(refunds: Refunds, event: RefundEvent): Refunds {
  const { refundId } = event.data;
  const after = new Map(refunds);
  if (event.type === 'RefundRequested') {
    const { amount, attempt } = event.data;
    return after.set(refundId, { amount, attempt, state: 'REQUESTED' });
  }
  const before = refunds.get(refundId);
  if (before === undefined) return refunds;
  const state = event.type === 'RefundAccepted' ? 'ACCEPTED' : event.type === 'RefundSucceeded' ? 'SUCCEEDED' : 'FAILED';
  return after.set(refundId, { ...before, state });
}

type RefundRefusal = { code: 'refund-exceeds-captured'; refundId: string; amount: number; refundable: number };

/** Asks for a refund, within what was captured and is not refunded or being refunded yet. */
export function requestRefund(
  refunds: Refunds,
  captured: number,
  { refundId, amount }: { readonly refundId: string; readonly amount: number },
): Decision<PaymentEvent, RefundRefusal> {
  if (refunds.has(refundId)) return nothing;
  const refundable = [...refunds.values()].reduce(
    (left, refund) => left - (refund.state === 'FAILED' ? 0 : refund.amount),
    captured,
  );
  if (amount > refundable) return refused({ code: 'refund-exceeds-captured', refundId, amount, refundable });
  return decided<PaymentEvent>({ type: 'RefundRequested', data: { refundId, amount, attempt: 1 } });
}

/** Records what the gateway said; `null` if it should be impossible: a refund that nobody asked for, or one that came back to life. */
export function recordRefund(refunds: Refunds, report: RefundReport): Decision<PaymentEvent, never> | null {
  const { refundId } = report;
  const refund = refunds.get(refundId);
  if (refund === undefined) return null;
  const { state, amount } = refund;
  if (report.outcome === 'failed') {
    const { code, message } = report;
    return state === 'FAILED' ? nothing : decided<PaymentEvent>({ type: 'RefundFailed', data: { refundId, code, message } });
  }
  if (state === 'FAILED') return null;
  if (state === 'SUCCEEDED' || (state === 'ACCEPTED' && report.outcome === 'accepted')) return nothing;
  const { gatewayRefundId } = report;
  const accepted: readonly PaymentEvent[] =
    state === 'REQUESTED' ? [{ type: 'RefundAccepted', data: { refundId, amount, gatewayRefundId } }] : [];
  const succeeded: readonly PaymentEvent[] =
    report.outcome === 'succeeded' ? [{ type: 'RefundSucceeded', data: { refundId } }] : [];
  return decided(...accepted, ...succeeded);
}
