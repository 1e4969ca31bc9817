// The returns of an order as the world sees them, told from the order's saga: what came back, and what has become of the money.

import { z } from 'zod';
import { orderEvents } from '../../domain/order/order-events.js';
import { amount, instant } from '../../domain/values.js';
import { positionToken } from '../shapes.js';
import type { EventView } from './order-event-view.js';

export const returnView = z.object({
  id: z.uuid(),
  lines: orderEvents.OrderReturnAccepted.shape.lines,
  reason: z.string().nullable(),
  /** What is refunded, in minor units. */
  amount,
  /** `null` where nothing is to be refunded. */
  refund: z.object({ id: z.uuid(), status: z.enum(['REQUESTED', 'ACCEPTED', 'SUCCEEDED', 'FAILED']) }).nullable(),
  acceptedAt: instant,
  position: positionToken,
});
export type ReturnView = z.infer<typeof returnView>;

const refundStatus: Readonly<Record<string, 'ACCEPTED' | 'SUCCEEDED' | 'FAILED'>> = {
  RefundAccepted: 'ACCEPTED',
  RefundSucceeded: 'SUCCEEDED',
  RefundFailed: 'FAILED',
};

/** The returns in the order in which they were accepted. `events` are those of the order's saga, in log order. */
export function returnsOf(events: readonly EventView[]): readonly ReturnView[] {
  const statuses = new Map<unknown, 'ACCEPTED' | 'SUCCEEDED' | 'FAILED'>();
  for (const { type, data } of events) {
    const status = refundStatus[type];
    if (status !== undefined) statuses.set(data.refundId, status);
  }
  return events.flatMap(({ type, data, at, position }) => {
    if (type !== 'OrderReturnAccepted') return [];
    const { returnId, refundId, lines, reason, amount } = orderEvents.OrderReturnAccepted.parse(data);
    const refund = amount === 0 ? null : { id: refundId, status: statuses.get(refundId) ?? ('REQUESTED' as const) };
    return [{ id: returnId, lines, reason, amount, refund, acceptedAt: at, position }];
  });
}
