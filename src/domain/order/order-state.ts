// The order's state: what its decisions need to know, folded from its events. What is shown of an order is a projection's matter.

import { unreachable } from '../decider.js';
import type { Cancellation, OrderEvent, OrderLine } from './order-events.js';

export type OrderStatus =
  | 'NONE'
  | 'CREATED'
  | 'PENDING_PAYMENT'
  | 'PAYMENT_AUTHORIZED'
  | 'INVENTORY_RESERVED'
  | 'PAYMENT_CAPTURED'
  | 'CONFIRMED'
  | 'SHIPPED'
  | 'DELIVERED'
  | 'PAYMENT_FAILED'
  | 'PAYMENT_VOIDED'
  | 'PAYMENT_REFUNDED'
  | 'INVENTORY_RELEASED'
  | 'CANCELLED';

export interface Shipment {
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
}

/** What is open for a person to look at. */
interface Attention {
  readonly code: string;
  readonly detail: string;
}

export interface Order {
  readonly status: OrderStatus;
  readonly requestHash: string | null;
  readonly total: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly lines: readonly Pick<OrderLine, 'line' | 'sku' | 'quantity' | 'unitPrice'>[];
  readonly paymentId: string | null;
  /** What has been recorded of payment and stock: hearing it again is a repeat, whatever has become of the order since. */
  readonly authorized: boolean;
  readonly reserved: boolean;
  readonly captured: boolean;
  readonly voided: boolean;
  /** Refunds that the gateway has accepted, by id: the cancellation's, and those of returns. */
  readonly refunded: ReadonlySet<string>;
  /** How many refunds have failed: the next attempt is a new refund, with a number of its own. */
  readonly refundsFailed: number;
  /** The last refund failed, and no new one has been asked for since. */
  readonly refundOwed: boolean;
  /** Under way to being cancelled, and why; `null` if not. */
  readonly cancelling: Cancellation | null;
  /** Why it was cancelled; `null` if it was not. */
  readonly cancelled: Cancellation | null;
  readonly shipment: Shipment | null;
  /** The refund of each return, by the return's id. */
  readonly returns: ReadonlyMap<string, string>;
  /** Units that came back, by line. */
  readonly returned: ReadonlyMap<number, number>;
  /** What waits for a person. */
  readonly attention: readonly Attention[];
  /** All that was ever raised, as `code/subject`: it is raised once. */
  readonly raised: ReadonlySet<string>;
}

export const initialState: Order = {
  status: 'NONE',
  requestHash: null,
  total: 0,
  currency: '',
  paymentMethod: '',
  lines: [],
  paymentId: null,
  authorized: false,
  reserved: false,
  captured: false,
  voided: false,
  refunded: new Set(),
  refundsFailed: 0,
  refundOwed: false,
  cancelling: null,
  cancelled: null,
  shipment: null,
  returns: new Map(),
  returned: new Map(),
  attention: [],
  raised: new Set(),
};

/** What tells one thing that was raised from another. */
export const attentionKey = (code: string, subject: string | null): string => `${code}/${subject ?? ''}`;

/** The code under which a refund that failed is raised. */
export const refundFailed = 'refund-failed';

const cancellationOf = ({ by, reason, note, shortages }: Cancellation): Cancellation => ({ by, reason, note, shortages });

function returnAccepted(order: Order, { returnId, refundId, lines }: Extract<OrderEvent, { type: 'OrderReturnAccepted' }>['data']) {
  const returned = new Map(order.returned);
  for (const { line, quantity } of lines) returned.set(line, (returned.get(line) ?? 0) + quantity);
  return { ...order, returned, returns: new Map(order.returns).set(returnId, refundId) };
}

export function evolve(order: Order, event: OrderEvent): Order {
  switch (event.type) {
    case 'OrderCreated': {
      const { requestHash, total, currency, paymentMethod } = event.data;
      const lines = event.data.lines.map(({ line, sku, quantity, unitPrice }) => ({ line, sku, quantity, unitPrice }));
      return { ...order, status: 'CREATED', requestHash, total, currency, paymentMethod, lines };
    }
    case 'OrderPaymentRequested':
      return { ...order, status: 'PENDING_PAYMENT', paymentId: event.data.paymentId };
    case 'OrderPaymentAuthorized':
      return { ...order, status: 'PAYMENT_AUTHORIZED', authorized: true };
    case 'OrderPaymentFailed':
      return { ...order, status: 'PAYMENT_FAILED' };
    case 'OrderPaymentVoided':
      return { ...order, status: order.status === 'INVENTORY_RESERVED' ? order.status : 'PAYMENT_VOIDED', voided: true };
    case 'OrderPaymentCaptured':
      return { ...order, status: 'PAYMENT_CAPTURED', captured: true };
    case 'OrderPaymentRefunded': {
      // The refund of a return leaves an order where it is.
      const status = order.status === 'SHIPPED' || order.status === 'DELIVERED' ? order.status : 'PAYMENT_REFUNDED';
      return { ...order, status, refunded: new Set(order.refunded).add(event.data.refundId), refundOwed: false };
    }
    case 'OrderInventoryReserved':
      return { ...order, status: 'INVENTORY_RESERVED', reserved: true };
    case 'OrderInventoryReleased':
      return { ...order, status: 'INVENTORY_RELEASED' };
    case 'OrderConfirmed':
      return { ...order, status: 'CONFIRMED', cancelling: null };
    case 'OrderCancellationRequested':
      return { ...order, cancelling: cancellationOf(event.data) };
    case 'OrderCancelled':
      return { ...order, status: 'CANCELLED', cancelling: null, cancelled: cancellationOf(event.data) };
    case 'OrderShipped': {
      const { carrier, trackingNumber } = event.data;
      return { ...order, status: 'SHIPPED', shipment: { carrier, trackingNumber } };
    }
    case 'OrderDelivered':
      return { ...order, status: 'DELIVERED' };
    case 'OrderReturnAccepted':
      return returnAccepted(order, event.data);
    case 'OrderAttentionRaised': {
      const { code, detail, subject } = event.data;
      const raised = new Set(order.raised).add(attentionKey(code, subject));
      const after = { ...order, raised, attention: [...order.attention, { code, detail }] };
      return code === refundFailed ? { ...after, refundsFailed: order.refundsFailed + 1, refundOwed: true } : after;
    }
    case 'OrderAttentionCleared':
      return { ...order, attention: [], refundOwed: order.refundOwed && event.data.refundAttempt === null };
    default:
      return unreachable(event);
  }
}
