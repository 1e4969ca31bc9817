import { describe, expect, it } from 'vitest';
import { order } from '../../../src/domain/order/order.js';
import type { OrderEvent } from '../../../src/domain/order/order-events.js';
import { orderEvents } from '../../../src/domain/order/order-events.js';
import { evolveOrderView, type OrderView, orderStatus, orderView } from '../../../src/projections/orders/order-view.js';
import { isAmong } from '../../../src/projections/projection.js';
import { asRecorded, at, type Happening, logId, orderNamed } from '../story.js';

const isOrderEvent = isAmong<OrderEvent>(orderEvents);

function folded(happenings: readonly Happening[]): OrderView {
  const view = asRecorded(happenings)
    .filter(isOrderEvent)
    .reduce<OrderView | null>((view, recorded) => evolveOrderView(view, recorded, logId), null);
  if (view === null) throw new Error('no event of an order');
  return orderView.strict().parse(view);
}

const statuses = (view: OrderView) => view.timeline.map(({ status }) => status);

const one = orderNamed({ name: 'one', reference: '536365' });

describe('the order that is shown', () => {
  it('is, once created, what was ordered, its amounts counted and its time in one form', () => {
    expect(folded(one.created)).toEqual({
      id: one.orderId,
      reference: '536365',
      customerId: 'c-1',
      status: 'CREATED',
      cancelling: false,
      currency: 'GBP',
      total: 1980,
      lines: [{ line: 1, sku: '22465', description: 'the 22465', quantity: 12, unitPrice: 165, amount: 1980, allocations: [] }],
      paymentId: null,
      shipment: null,
      cancellation: null,
      timeline: [{ status: 'CREATED', at: at(0), revision: 0, position: `${logId}:0` }],
      attention: null,
      placedAt: '2010-12-01T08:26:00.000Z',
      createdAt: at(0),
      updatedAt: at(0),
      revision: 0,
      position: `${logId}:0`,
    });
  });

  it('enters both statuses of a write of two events into the timeline: captured, then confirmed', () => {
    const view = folded(one.confirmed);
    expect(statuses(view)).toEqual([
      'CREATED',
      'PENDING_PAYMENT',
      'PAYMENT_AUTHORIZED',
      'INVENTORY_RESERVED',
      'PAYMENT_CAPTURED',
      'CONFIRMED',
    ]);
    expect(view.timeline.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(view).toMatchObject({ status: 'CONFIRMED', paymentId: one.paymentId, revision: 5, cancellation: null });
    expect(view.lines[0]?.allocations).toEqual([{ warehouse: 'main', quantity: 12 }]);
  });

  it('says of a declined payment that it failed and that the order was cancelled for it', () => {
    const view = folded([...one.created, ...one.requested, ...one.declined]);
    expect(statuses(view)).toEqual(['CREATED', 'PENDING_PAYMENT', 'PAYMENT_FAILED', 'CANCELLED']);
    expect(view.cancelling).toBe(false);
    expect(view.cancellation).toEqual({ reason: 'PAYMENT_DECLINED', requestedAt: view.updatedAt, shortages: [] });
  });

  it('is cancelling from the request on, beside its status, and keeps when that began and what was short', () => {
    const begun = [...one.created, ...one.requested, ...one.authorized];
    const requested = folded([...begun, ...one.short.slice(0, 2)]);
    expect(requested).toMatchObject({ status: 'PAYMENT_AUTHORIZED', cancelling: true });
    const cancelled = folded([...begun, ...one.short]);
    expect(cancelled).toMatchObject({ status: 'CANCELLED', cancelling: false });
    expect(cancelled.cancellation).toEqual({
      reason: 'INSUFFICIENT_STOCK',
      requestedAt: requested.updatedAt,
      shortages: [{ sku: '22465', requested: 12, available: 3 }],
    });
    expect(statuses(cancelled)).toEqual(['CREATED', 'PENDING_PAYMENT', 'PAYMENT_AUTHORIZED', 'PAYMENT_VOIDED', 'CANCELLED']);
  });

  it('shows how it was shipped, and when it came', () => {
    const shipped = folded([...one.confirmed, ...one.shipped]);
    expect(shipped.shipment).toEqual({ carrier: 'DHL', trackingNumber: 'T-1', shippedAt: shipped.updatedAt, deliveredAt: null });
    const delivered = folded([...one.confirmed, ...one.shipped, ...one.delivered]);
    expect(delivered.shipment).toEqual({ ...shipped.shipment, deliveredAt: delivered.updatedAt });
    expect(delivered.status).toBe('DELIVERED');
  });

  it('shows what waits for a person until a person has cleared it, and does not call that a status', () => {
    const raised = one.order({ type: 'OrderAttentionRaised', data: { code: 'ship-overdue', detail: 'three days', subject: null } });
    const view = folded([...one.confirmed, raised]);
    expect(view.attention).toEqual({ code: 'ship-overdue', detail: 'three days', since: view.updatedAt });
    expect(statuses(view)).toEqual(statuses(folded(one.confirmed)));
    const cleared = one.order({ type: 'OrderAttentionCleared', data: { note: 'shipped by hand', refundAttempt: null } });
    expect(folded([...one.confirmed, raised, cleared]).attention).toBeNull();
  });

  it('deals the warehouses of a SKU to its lines in their order, a line to several of them where one is not enough', () => {
    const split = orderNamed({
      name: 'split',
      lines: [
        { sku: 'A', quantity: 4, unitPrice: 1 },
        { sku: 'B', quantity: 2, unitPrice: 1 },
        { sku: 'A', quantity: 5, unitPrice: 1 },
      ],
      split: [
        { sku: 'A', warehouse: 'main', quantity: 6 },
        { sku: 'A', warehouse: 'north', quantity: 3 },
        { sku: 'B', warehouse: 'north', quantity: 2 },
      ],
    });
    expect(folded(split.confirmed).lines.map(({ allocations }) => allocations)).toEqual([
      [{ warehouse: 'main', quantity: 4 }],
      [{ warehouse: 'north', quantity: 2 }],
      [
        { warehouse: 'main', quantity: 2 },
        { warehouse: 'north', quantity: 3 },
      ],
    ]);
  });

  it('has the status of the aggregate after every event of every story', () => {
    const stories = [
      [...one.confirmed, ...one.shipped, ...one.delivered],
      [...one.created, ...one.requested, ...one.declined],
      [...one.created, ...one.requested, ...one.authorized, ...one.short],
    ];
    for (const story of stories) {
      let view: OrderView | null = null;
      let state = order.initialState;
      for (const recorded of asRecorded(story).filter(isOrderEvent)) {
        view = evolveOrderView(view, recorded, logId);
        state = order.evolve(state, recorded.event);
        expect(view.status).toBe(state.status);
      }
    }
  });

  it('knows every status that an order can have', () => {
    const reachable = asRecorded([
      ...one.confirmed,
      one.order({
        type: 'OrderPaymentRefunded',
        data: { paymentId: one.paymentId, refundId: one.orderId, amount: 1 },
      }),
      one.order({ type: 'OrderInventoryReleased', data: {} }),
      ...one.declined,
      ...one.shipped,
      ...one.delivered,
      one.order({ type: 'OrderPaymentVoided', data: { paymentId: one.paymentId, expired: false } }),
    ])
      .filter(isOrderEvent)
      .map(({ event }) => order.evolve(order.initialState, event).status);
    expect(new Set(reachable)).toEqual(new Set(orderStatus.options));
  });

  it('cannot begin in the middle', () => {
    expect(() => folded(one.requested)).toThrow(/OrderPaymentRequested, and nothing of that order has been seen before/);
  });
});
