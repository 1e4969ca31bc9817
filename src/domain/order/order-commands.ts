// What can be asked of an order, and what it may refuse. Callers ask for some of it, the process manager for the rest.

import type { Allocation, Shortage } from '../values.js';
import type { OrderLine, ReturnedLine } from './order-events.js';
import type { OrderStatus } from './order-state.js';

/** What a caller asks for when it places an order; ids and times are given, prices are known. */
export interface NewOrder {
  readonly orderId: string;
  readonly principal: string;
  readonly reference: string | null;
  readonly requestHash: string;
  readonly customerId: string;
  readonly currency: string;
  readonly placedAt: string;
  readonly paymentMethod: string;
  readonly lines: readonly OrderLine[];
}

/** What may take too long. */
export type Overdue = 'shipping' | 'delivery' | 'cancellation' | 'capture' | 'return-refund';

export type OrderCommand =
  | { type: 'CreateOrder'; order: NewOrder }
  | { type: 'StartOrder'; paymentId: string; timeoutAt: string }
  | { type: 'CancelOrder'; note: string | null; attentionAt: string }
  | { type: 'TimeOutPayment'; attentionAt: string }
  | { type: 'RecordPaymentAuthorized'; paymentId: string; captureBefore: string | null }
  | { type: 'RecordPaymentFailed'; paymentId: string; code: string; message: string }
  | { type: 'RecordPaymentVoided'; paymentId: string; expired: boolean }
  | { type: 'RecordPaymentCaptured'; paymentId: string; amount: number; shipBy: string }
  | { type: 'RecordCaptureFailed'; code: string; message: string; attentionAt: string }
  | { type: 'RecordRefundAccepted'; paymentId: string; refundId: string; amount: number }
  | { type: 'RecordRefundFailed'; refundId: string; code: string; message: string }
  | { type: 'RecordInventoryReserved'; allocations: readonly Allocation[]; expiresAt: string }
  | { type: 'RecordReservationFailed'; shortages: readonly Shortage[]; attentionAt: string }
  | { type: 'ExpireReservation'; attentionAt: string }
  | { type: 'RecordInventoryReleased' }
  | { type: 'ShipOrder'; carrier: string | null; trackingNumber: string | null; deliverBy: string }
  | { type: 'DeliverOrder' }
  | {
      type: 'ReturnOrder';
      returnId: string;
      refundId: string;
      reason: string | null;
      lines: readonly ReturnedLine[];
      attentionAt: string;
    }
  /** A deadline has passed; whether that still means anything is decided here. `subject`: the refund that is waited for. */
  | { type: 'NoticeOverdue'; what: Overdue; subject: string | null }
  /** Something that should be impossible has happened: a person must look. */
  | { type: 'RaiseAttention'; code: string; detail: string; subject: string | null }
  | { type: 'ClearAttention'; note: string };

export type OrderRefusal =
  | { code: 'reference-taken'; reference: string | null }
  | { code: 'order-total-zero' }
  | { code: 'order-too-large'; detail: string }
  | { code: 'order-not-found' }
  | { code: 'order-not-cancellable'; status: OrderStatus }
  | { code: 'order-not-shippable'; status: OrderStatus; cancelling: boolean }
  | { code: 'order-not-deliverable'; status: OrderStatus }
  | { code: 'order-not-returnable'; status: OrderStatus }
  /** `index` counts the command's lines from 0. */
  | { code: 'return-exceeds-shipped'; index: number; line: number; returnable: number };
