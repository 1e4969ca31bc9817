// What can happen to an order. Names are permanent; a changed shape is a new version with an upcast in the event catalogue.

import { z } from 'zod';
import type { EventOf } from '../decider.js';
import { allocation, amount, currency, customerId, instant, quantity, shortage, sku } from '../values.js';

export const cancellationReason = z.enum([
  'CUSTOMER_REQUEST',
  'PAYMENT_DECLINED',
  'PAYMENT_TIMEOUT',
  'PAYMENT_VOIDED',
  'INSUFFICIENT_STOCK',
  'RESERVATION_EXPIRED',
  'CAPTURE_FAILED',
]);

const cancellation = {
  by: z.enum(['customer', 'system']),
  reason: cancellationReason,
  note: z.string().nullable(),
  shortages: z.array(shortage),
};

export const orderLine = z.object({
  line: z.int().positive(),
  sku,
  description: z.string().nullable(),
  quantity,
  unitPrice: amount,
});

export const orderEvents = {
  OrderCreated: z.object({
    orderId: z.uuid(),
    principal: z.string(),
    reference: z.string().nullable(),
    /** SHA-256 of the validated request before defaults: what makes a repeated reference the same order. */
    requestHash: z.string(),
    customerId,
    currency,
    total: amount,
    placedAt: instant,
    paymentMethod: z.string(),
    lines: z.array(orderLine).min(1),
  }),
  OrderPaymentRequested: z.object({ paymentId: z.uuid(), amount, currency, timeoutAt: instant }),
  OrderPaymentAuthorized: z.object({ paymentId: z.uuid(), captureBefore: instant.nullable() }),
  OrderPaymentFailed: z.object({ paymentId: z.uuid(), code: z.string(), message: z.string() }),
  OrderPaymentVoided: z.object({ paymentId: z.uuid(), expired: z.boolean() }),
  OrderPaymentCaptured: z.object({ paymentId: z.uuid(), amount }),
  OrderPaymentRefunded: z.object({ paymentId: z.uuid(), refundId: z.uuid(), amount }),
  OrderInventoryReserved: z.object({ allocations: z.array(allocation), expiresAt: instant }),
  OrderInventoryReleased: z.object({}),
  OrderConfirmed: z.object({ shipBy: instant }),
  OrderCancellationRequested: z.object({ ...cancellation, attentionAt: instant }),
  OrderCancelled: z.object(cancellation),
  OrderShipped: z.object({ carrier: z.string().nullable(), trackingNumber: z.string().nullable(), deliverBy: instant }),
  OrderDelivered: z.object({}),
  OrderReturnAccepted: z.object({
    returnId: z.uuid(),
    refundId: z.uuid(),
    amount,
    reason: z.string().nullable(),
    lines: z.array(z.object({ line: z.int().positive(), quantity, condition: z.string() })).min(1),
  }),
  OrderAttentionRaised: z.object({ code: z.string(), detail: z.string() }),
  OrderAttentionCleared: z.object({ note: z.string() }),
};

export type OrderEvent = EventOf<typeof orderEvents>;
export type OrderLine = z.infer<typeof orderLine>;
export type Cancellation = Pick<z.infer<typeof orderEvents.OrderCancelled>, 'by' | 'reason' | 'note' | 'shortages'>;
