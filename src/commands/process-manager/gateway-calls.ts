// What is asked of the gateway about a payment, with the key of each attempt, the look that tells whether it was done, and what is
// recorded if it was not.

import type { GatewayOperation, Payment, PaymentCommand } from '../../domain/payment/payment.js';
import type { IntentSnapshot, PaymentGateway, RefundSnapshot } from '../payment-gateway.js';
import { captured, confirmed, refunded, voided } from './gateway-answers.js';
import type { GatewayCall } from './gateway-call.js';

function known<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`a payment in this state has ${what}`);
  return value;
}

const renewed = (operation: GatewayOperation, failed: number): PaymentCommand => ({ type: 'RenewAttempt', operation, failed });

/** Makes an intent, which holds no money and has no name yet to look it up by. */
export function creating(gateway: PaymentGateway, { request }: Payment, since: number): GatewayCall<IntentSnapshot> {
  const { attempt, ...asked } = known(request, 'a request');
  return {
    attempt,
    since,
    send: () => gateway.create({ ...asked, idempotencyKey: `${asked.paymentId}:create:${attempt}` }),
    look: async () => null,
    meaning: ({ intentId }) => ({ type: 'RecordGatewayPayment', gateway: gateway.name, intentId }),
    undone: renewed({ of: 'request' }, attempt),
  };
}

/** What calls about an intent share; `isUndone` tells the states in which the call has not been carried out. */
function onIntent(gateway: PaymentGateway, payment: Payment, isUndone: (found: IntentSnapshot) => boolean) {
  const { paymentId, attempt, currency } = known(payment.request, 'a request');
  const intentId = known(payment.intentId, 'an intent');
  const look = async () => {
    const found = await gateway.retrieve(intentId);
    return isUndone(found) ? null : found;
  };
  return { paymentId, currency, requestAttempt: attempt, intentId, look };
}

/** Asks the bank to hold the amount. */
export function confirming(gateway: PaymentGateway, payment: Payment, since: number): GatewayCall<IntentSnapshot> {
  const { paymentId, requestAttempt: attempt, intentId, look } = onIntent(gateway, payment, ({ state }) => state === 'created');
  const send = () => gateway.confirm({ intentId, idempotencyKey: `${paymentId}:confirm:${attempt}` });
  return { attempt, since, send, look, meaning: confirmed, undone: renewed({ of: 'request' }, attempt) };
}

/** Takes what is held. With a void waiting, a capture that was not done is over, and not asked for again. */
export function capturing(gateway: PaymentGateway, payment: Payment, amount: number, since: number): GatewayCall<IntentSnapshot> {
  const { paymentId, currency, intentId, look } = onIntent(gateway, payment, ({ state }) => state === 'authorized');
  const attempt = payment.captureAttempts;
  const send = () => gateway.capture({ intentId, amount, currency, idempotencyKey: `${paymentId}:capture:${attempt}` });
  const undone: PaymentCommand = payment.voidWaiting
    ? { type: 'RecordCaptureFailure', code: 'not_captured', message: 'The gateway did not carry out the capture.' }
    : renewed({ of: 'capture' }, attempt);
  return { attempt, since, send, look, meaning: captured, undone };
}

/** Gives back what is held. */
export function cancelling(gateway: PaymentGateway, payment: Payment, since: number): GatewayCall<IntentSnapshot> {
  const isOpen = ({ state }: IntentSnapshot) => state !== 'voided' && state !== 'captured';
  const { paymentId, intentId, look } = onIntent(gateway, payment, isOpen);
  const attempt = payment.voidAttempts;
  const send = () => gateway.cancel({ intentId, idempotencyKey: `${paymentId}:void:${attempt}` });
  // Refused while the bank was busy with it; by now it is not.
  const isRefusal = (answer: IntentSnapshot) => isOpen(answer) && answer.state !== 'pending';
  return { attempt, since, send, look, meaning: voided, isRefusal, undone: renewed({ of: 'void' }, attempt) };
}

/** Gives back what was taken. */
export function refunding(
  gateway: PaymentGateway,
  payment: Payment,
  { refundId, amount, attempt }: { readonly refundId: string; readonly amount: number; readonly attempt: number },
  since: number,
): GatewayCall<RefundSnapshot> {
  const { paymentId, currency } = known(payment.request, 'a request');
  const intentId = known(payment.intentId, 'an intent');
  const idempotencyKey = `${paymentId}:refund:${refundId}:${attempt}`;
  return {
    attempt,
    since,
    send: () => gateway.refund({ intentId, refundId, amount, currency, idempotencyKey }),
    look: () => gateway.findRefund({ intentId, refundId }),
    meaning: refunded,
    undone: renewed({ of: 'refund', refundId }, attempt),
  };
}
