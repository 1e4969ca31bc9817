// What the process manager's pure half says, where its word alone keeps a rule: that nothing more is begun for an order that is cancelling,
// that money comes before stock, and that a refund needs the customer's word.

import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../../src/domain/event-catalogue.js';
import { deadlinesOf, onDue } from '../../../src/domain/fulfilment/deadlines.js';
import { type OrderCommand, order } from '../../../src/domain/order/order.js';
import { inputsOf, reach, standingsOf } from '../walk/cases.js';
import { followsFrom, policy } from '../walk/follows.js';
import { orderCases } from '../walk/order-cases.js';

/** The state that is called so in the walk over every pair of state and input. */
function named(name: string) {
  const standing = standingsOf(orderCases).find((one) => one.name === name);
  if (standing === undefined) throw new Error(`There is no state ${name}.`);
  return standing;
}

/** What follows from an event, with the order in this state. */
const follows = (event: DomainEvent, standing: string) => followsFrom(event, named(standing).state);

/** The last event of that type that led to this state. */
function lastOf(type: DomainEvent['type'], standing: string): DomainEvent {
  const event = named(standing).history.findLast((one) => one.type === type);
  if (event === undefined) throw new Error(`No ${type} leads to ${standing}.`);
  return event;
}

const authorized = lastOf('OrderPaymentAuthorized', 'PAYMENT_AUTHORIZED');
const reserved = lastOf('OrderInventoryReserved', 'INVENTORY_RESERVED');
const requested = (standing: string) => lastOf('OrderCancellationRequested', standing);

describe('nothing more is begun for an order that is cancelling', () => {
  it('asks for stock, but not once the order is cancelling', () => {
    expect(follows(authorized, 'PAYMENT_AUTHORIZED')).toEqual(['reservation: RequestReservation']);
    expect(follows(authorized, 'PAYMENT_AUTHORIZED c by the customer')).toEqual([]);
    expect(follows(authorized, 'PAYMENT_AUTHORIZED c by the system')).toEqual([]);
  });
  it('asks for the capture, but not once the order is cancelling', () => {
    expect(follows(reserved, 'INVENTORY_RESERVED')).toEqual(['payment: RequestCapture']);
    expect(follows(reserved, 'INVENTORY_RESERVED c by the customer')).toEqual([]);
    expect(follows(reserved, 'INVENTORY_RESERVED c by the system')).toEqual([]);
  });
});

describe('money comes before stock', () => {
  it('a cancellation asks for a void and for no release, wherever it comes before the capture', () => {
    const before = standingsOf(orderCases).filter(({ state }) => state.cancelling !== null && !state.captured && !state.voided);
    expect(before.length).toBeGreaterThan(5);
    for (const { name } of before) expect(follows(requested(name), name)).toEqual(['payment: RequestVoid']);
  });
  it('a release follows the void, or the accepted refund of the whole', () => {
    const voided = lastOf('OrderPaymentVoided', 'INVENTORY_RESERVED c by the customer, voided');
    expect(follows(voided, 'INVENTORY_RESERVED c by the customer, voided')).toEqual(['reservation: RequestRelease']);
    const refunded = lastOf('OrderPaymentRefunded', 'PAYMENT_REFUNDED c by the customer');
    expect(follows(refunded, 'PAYMENT_REFUNDED c by the customer')).toEqual(['reservation: RequestRelease']);
  });
  it('the refund of a return releases nothing', () => {
    const refunded = lastOf('OrderPaymentRefunded', 'SHIPPED with a return, refunded');
    expect(follows(refunded, 'SHIPPED with a return, refunded')).toEqual([]);
  });
});

describe("what was captured is refunded on the customer's word", () => {
  it('after a confirmation, or when the capture came first', () => {
    expect(follows(requested('CONFIRMED c by the customer'), 'CONFIRMED c by the customer')).toEqual(['payment: RequestRefund']);
    const captured = lastOf('OrderPaymentCaptured', 'PAYMENT_CAPTURED c by the customer');
    expect(follows(captured, 'PAYMENT_CAPTURED c by the customer')).toEqual(['payment: RequestRefund']);
  });
  it("and not on the system's: the capture has settled what the system gave up", () =>
    expect(follows(requested('INVENTORY_RESERVED c by the system'), 'CONFIRMED')).toEqual([]));
  it('under a new number once a refund has failed and a person has seen to it', () => {
    const { history, state } = reach(order, [
      ...(orderCases.standings.CONFIRMED['c by the customer, refund failed'] ?? []),
      { type: 'ClearAttention', note: 'called the bank' },
    ]);
    expect(history.at(-1)).toEqual({ type: 'OrderAttentionCleared', data: { note: 'called the bank', refundAttempt: 2 } });
    expect(state.refundOwed).toBe(false);
  });
});

describe('deadlines', () => {
  const histories = standingsOf(orderCases).map(({ name, status, history, state }) => {
    const standing = new Set<string>();
    for (const event of history) {
      const { set, cleared } = deadlinesOf(event);
      for (const deadline of cleared) standing.delete(deadline);
      for (const { deadline } of set) standing.add(deadline);
    }
    return { name, status, state, standing };
  });

  it('none is left when an order is cancelled or delivered, but for the refund of a return', () => {
    for (const { status, standing } of histories)
      if (status === 'CANCELLED' || status === 'DELIVERED')
        expect([...standing].filter((deadline) => !deadline.startsWith('return-refund-unresolved/'))).toEqual([]);
  });
  it('one stands wherever an order waits for somebody else', () => {
    const waiting = histories.filter(({ status }) => !['NONE', 'CREATED', 'CANCELLED', 'DELIVERED'].includes(status));
    // A payment that expired has nothing to wait for but its own release.
    for (const { name, standing, state } of waiting)
      if (state.cancelling !== null || !state.voided) expect([name, standing.size]).not.toEqual([name, 0]);
  });
  it.each(inputsOf(orderCases.inputs).filter(({ command }) => command.type === 'NoticeOverdue'))(
    'a deadline that is set brings $name',
    ({ command }) => {
      const events = standingsOf(orderCases).flatMap(({ history }) => history);
      const due = events.flatMap((event) => deadlinesOf(event).set).map(({ deadline, dueAt }) => onDue(deadline, dueAt, policy));
      expect(due.flatMap((next): readonly OrderCommand[] => (next.to === 'order' ? [next.command] : []))).toContainEqual(command);
    },
  );
});
