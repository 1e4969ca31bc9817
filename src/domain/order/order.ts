// The order: the arbiter between cancel, ship and confirm, and the saga's own log. Its events are in order-events.ts, its state in
// order-state.ts, its commands in order-commands.ts; what it makes of what the saga tells it is in order-saga.ts.

import { type Decider, decided, nothing, refused } from '../decider.js';
import { attention, overdue } from './order-attention.js';
import { cancelByCustomer } from './order-cancellation.js';
import type { NewOrder, OrderCommand, OrderRefusal } from './order-commands.js';
import type { OrderEvent } from './order-events.js';
import { acceptReturn } from './order-return.js';
import { hear } from './order-saga.js';
import { evolve, initialState, type Order, type Shipment } from './order-state.js';

export type { NewOrder, OrderCommand, OrderRefusal, Overdue } from './order-commands.js';
export type { Order, OrderStatus } from './order-state.js';

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

const maximumLines = 2000;
const maximumBytes = 512 * 1024;
const encoder = new TextEncoder();

function create(order: NewOrder) {
  const total = order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  if (!Number.isSafeInteger(total))
    return refused<OrderRefusal>({ code: 'order-too-large', detail: 'the total is beyond what can be counted' });
  if (total === 0) return refused<OrderRefusal>({ code: 'order-total-zero' });
  if (order.lines.length > maximumLines)
    return refused<OrderRefusal>({ code: 'order-too-large', detail: `${order.lines.length} lines; at most ${maximumLines}` });
  const data = { ...order, lines: [...order.lines], total };
  const bytes = encoder.encode(JSON.stringify(data)).length;
  if (bytes > maximumBytes)
    return refused<OrderRefusal>({ code: 'order-too-large', detail: `${bytes} bytes; at most ${maximumBytes}` });
  return decided<OrderEvent>({ type: 'OrderCreated', data });
}

const sameShipment = (shipped: Shipment | null, command: Shipment) =>
  shipped !== null && shipped.carrier === command.carrier && shipped.trackingNumber === command.trackingNumber;

function ship(order: Order, command: Extract<OrderCommand, { type: 'ShipOrder' }>) {
  const { status, cancelling } = order;
  const { carrier, trackingNumber, deliverBy } = command;
  if ((status === 'SHIPPED' || status === 'DELIVERED') && sameShipment(order.shipment, command)) return nothing;
  if (status !== 'CONFIRMED' || cancelling !== null)
    return refused<OrderRefusal>({ code: 'order-not-shippable', status, cancelling: cancelling !== null });
  return decided<OrderEvent>({ type: 'OrderShipped', data: { carrier, trackingNumber, deliverBy } });
}

function decide(command: OrderCommand, order: Order) {
  const { status } = order;
  if (command.type === 'CreateOrder') {
    if (status === 'NONE') return create(command.order);
    if (order.requestHash === command.order.requestHash) return nothing;
    return refused<OrderRefusal>({ code: 'reference-taken', reference: command.order.reference });
  }
  if (status === 'NONE') return refused<OrderRefusal>({ code: 'order-not-found' });
  switch (command.type) {
    case 'StartOrder': {
      if (status !== 'CREATED') return nothing;
      const { paymentId, timeoutAt } = command;
      const { total, currency } = order;
      return decided<OrderEvent>({ type: 'OrderPaymentRequested', data: { paymentId, amount: total, currency, timeoutAt } });
    }
    case 'CancelOrder':
      return cancelByCustomer(order, command);
    case 'ShipOrder':
      return ship(order, command);
    case 'DeliverOrder':
      if (status === 'DELIVERED') return nothing;
      if (status !== 'SHIPPED') return refused<OrderRefusal>({ code: 'order-not-deliverable', status });
      return decided<OrderEvent>({ type: 'OrderDelivered', data: {} });
    case 'ReturnOrder':
      return acceptReturn(order, command);
    case 'NoticeOverdue':
      return overdue(order, command);
    case 'RaiseAttention':
      return attention(order, command.code, command.subject, command.detail);
    case 'ClearAttention': {
      if (order.attention.length === 0) return nothing;
      const refundAttempt = order.refundOwed && order.returns.size === 0 ? order.refundsFailed + 1 : null;
      return decided<OrderEvent>({ type: 'OrderAttentionCleared', data: { note: command.note, refundAttempt } });
    }
    // All that is left: the compiler has shown it.
    default:
      return hear(command, order);
  }
}

export const order: Decider<Order, OrderCommand, OrderEvent, OrderRefusal> = { category: 'order', initialState, evolve, decide };
