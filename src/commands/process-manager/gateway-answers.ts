// What the gateway's answers are recorded as.

import type { PaymentCommand } from '../../domain/payment/payment.js';
import type { IntentSnapshot, RefundSnapshot } from '../payment-gateway.js';
import { Pending } from './reactor.js';

const unknownYet = ({ intentId, state }: IntentSnapshot) =>
  new Pending(`Intent ${intentId} is ${state}: what has become of the request is not known yet.`);

const failureOf = ({ failure, state }: IntentSnapshot) => failure ?? { code: state, message: `The intent is ${state}.` };

/** After a confirmation. @throws Pending while the bank or the customer has not answered */
export function confirmed(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amount, captureBefore } = snapshot;
  if (state === 'authorized') return { type: 'RecordAuthorization', amount, captureBefore };
  if (state === 'failed' || state === 'voided') return { type: 'RecordPaymentFailure', ...failureOf(snapshot) };
  throw unknownYet(snapshot);
}

/** After a capture; an authorisation that is gone is a capture that failed. @throws Pending */
export function captured(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amountCaptured, expired, failure } = snapshot;
  if (state === 'captured') return { type: 'RecordCapture', amount: amountCaptured };
  if (state === 'voided') {
    const code = expired ? 'authorization_expired' : 'voided';
    return { type: 'RecordCaptureFailure', code, message: 'The gateway holds the money no more.' };
  }
  if (state === 'failed' || (state === 'authorized' && failure !== null))
    return { type: 'RecordCaptureFailure', ...failureOf(snapshot) };
  throw unknownYet(snapshot);
}

/** After a cancellation; the capture may have come first. @throws Pending */
export function voided(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amountCaptured, expired } = snapshot;
  if (state === 'voided') return { type: 'RecordVoid', expired };
  if (state === 'captured') return { type: 'RecordCapture', amount: amountCaptured };
  throw unknownYet(snapshot);
}

/** What has become of an authorisation that should have expired. @throws Pending while the gateway still holds the money */
export function unlessHeld(snapshot: IntentSnapshot): PaymentCommand {
  if (snapshot.state === 'voided') return { type: 'RecordVoid', expired: true };
  if (snapshot.state === 'captured') return { type: 'RecordCapture', amount: snapshot.amountCaptured };
  throw unknownYet(snapshot);
}

/** After a refund was asked for, or looked up. */
export function refunded({ refundId, state, gatewayRefundId, failure }: RefundSnapshot): PaymentCommand {
  if (state === 'failed' || gatewayRefundId === null) {
    const { code, message } = failure ?? { code: 'unknown', message: 'The gateway made no refund.' };
    return { type: 'RecordRefund', refundId, outcome: 'failed', code, message };
  }
  return { type: 'RecordRefund', refundId, outcome: state === 'succeeded' ? 'succeeded' : 'accepted', gatewayRefundId };
}
