// What can happen to a payment. Names are permanent; a changed shape is a new version with an upcast in the event catalogue.

import { z } from 'zod';
import type { EventOf } from '../decider.js';
import { amount, currency, instant } from '../values.js';

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
export type PaymentRequest = z.infer<typeof paymentEvents.PaymentRequested>;
