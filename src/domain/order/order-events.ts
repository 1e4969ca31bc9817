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

export const returnCondition = z.enum(['RESALABLE', 'DAMAGED']);
export const returnedLine = z.object({ line: z.int().positive(), quantity, condition: returnCondition });

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
    lines: z.array(returnedLine).min(1),
    attentionAt: instant,
  }),
  /** Version 2: `subject` tells two occurrences of one code apart (a refund, a payment, the event behind it); `null`: there is but one. */
  OrderAttentionRaised: z.object({ code: z.string(), detail: z.string(), subject: z.string().nullable() }),
  /** `refundAttempt`: a refund is owed whose last attempt failed, and this is the number of the next one; `null`: none is. */
  OrderAttentionCleared: z.object({ note: z.string(), refundAttempt: z.int().positive().nullable() }),
};

export type OrderEvent = EventOf<typeof orderEvents>;
export type OrderLine = z.infer<typeof orderLine>;
export type ReturnedLine = z.infer<typeof returnedLine>;
export type Cancellation = Pick<z.infer<typeof orderEvents.OrderCancelled>, 'by' | 'reason' | 'note' | 'shortages'>;
