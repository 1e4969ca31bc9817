// Carries the deadlines of the process manager's pure half to rows, and what is due to the order or to a look at the gateway.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { type Deadline, deadlinesOf, onDue } from '../../domain/fulfilment/deadlines.js';
import type { FulfilmentPolicy } from '../../domain/fulfilment/fulfilment.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { order } from '../../domain/order/order.js';
import type { CommandHandler } from '../command-handler.js';
import { derivedId } from '../event-identity.js';
import type { DeadlineChanges } from './deadline-book.js';
import { dispatchOrRaise } from './dispatch.js';
import { type Reaction, type Timekeeper, triggerOf } from './reactor.js';

/** Looks up what the gateway has made of a payment, and records it. */
export type LookUpPayment = (paymentId: string, recorded: Recorded<DomainEvent>) => Reaction;

const nothing: DeadlineChanges = { set: [], cleared: [] };

/** One deadline of a kind an order: its id is known to whoever clears it. */
const deadlineId = (orderId: string, deadline: Deadline) => derivedId(orderId, 'deadline', deadline);

export function timekeeper(handler: CommandHandler, lookUp: LookUpPayment, policy: FulfilmentPolicy): Timekeeper {
  function due(what: string, recorded: Recorded<DomainEvent>): Reaction | null {
    const found = deadlinesOf(recorded.event).set.find(({ deadline }) => deadline === what);
    if (found === undefined) return null;
    const next = onDue(found.deadline, found.dueAt, policy);
    const orderId = recorded.metadata.$correlationId;
    if (next.to === 'gateway')
      return recorded.event.type === 'OrderPaymentAuthorized' ? lookUp(recorded.event.data.paymentId, recorded) : null;
    const { command } = next;
    // Several deadlines of one event may become commands of one type.
    const run = () => dispatchOrRaise(handler, recorded, order, orderId, command, { as: `${command.type} ${what}` });
    return { lane: `order-${orderId}`, what, run };
  }

  return {
    due,
    note: (recorded) => {
      const { set, cleared } = deadlinesOf(recorded.event);
      if (set.length === 0 && cleared.length === 0) return nothing;
      const orderId = recorded.metadata.$correlationId;
      return {
        set: set.flatMap(({ deadline, dueAt }) => {
          const lane = due(deadline, recorded)?.lane;
          if (lane === undefined) return [];
          const id = deadlineId(orderId, deadline);
          return [{ id, kind: 'deadline', orderId, lane, what: deadline, trigger: triggerOf(recorded), dueAt }] as const;
        }),
        cleared: cleared.map((deadline) => deadlineId(orderId, deadline)),
      };
    },
  };
}
