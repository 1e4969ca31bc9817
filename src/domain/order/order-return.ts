// What comes back from a customer: no more of a line than was shipped, over all returns together.

import { decided, nothing, refused } from '../decider.js';
import type { OrderEvent, ReturnedLine } from './order-events.js';
import type { Order, OrderStatus } from './order-state.js';

type ReturnRefusal =
  | { code: 'order-not-returnable'; status: OrderStatus }
  | { code: 'return-exceeds-shipped'; index: number; line: number; returnable: number };

interface Return {
  readonly returnId: string;
  readonly refundId: string;
  readonly reason: string | null;
  readonly lines: readonly ReturnedLine[];
  readonly attentionAt: string;
}

/** Accepts a return of shipped lines and says what is to be refunded: the lines' own prices. */
export function acceptReturn(order: Order, { returnId, refundId, reason, lines, attentionAt }: Return) {
  if (order.returns.has(returnId)) return nothing;
  if (order.status !== 'SHIPPED' && order.status !== 'DELIVERED')
    return refused<ReturnRefusal>({ code: 'order-not-returnable', status: order.status });
  const shipped = new Map(order.lines.map((line) => [line.line, line]));
  const returned = new Map(order.returned);
  let amount = 0;
  for (const [index, { line, quantity }] of lines.entries()) {
    const before = returned.get(line) ?? 0;
    const returnable = (shipped.get(line)?.quantity ?? 0) - before;
    if (quantity > returnable) return refused<ReturnRefusal>({ code: 'return-exceeds-shipped', index, line, returnable });
    returned.set(line, before + quantity);
    amount += quantity * (shipped.get(line)?.unitPrice ?? 0);
  }
  const data = { returnId, refundId, amount, reason, lines: [...lines], attentionAt };
  return decided<OrderEvent>({ type: 'OrderReturnAccepted', data });
}
