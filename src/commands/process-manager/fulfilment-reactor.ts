// Carries the process manager's pure half to the streams: loads the order, asks what comes next, sends it.

import { unreachable } from '../../domain/decider.js';
import type { DomainEvent } from '../../domain/event-catalogue.js';
import { type FulfilmentCommand, type FulfilmentPolicy, react } from '../../domain/fulfilment/fulfilment.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { order } from '../../domain/order/order.js';
import { payment } from '../../domain/payment/payment.js';
import { reservation } from '../../domain/reservation/reservation.js';
import type { CommandHandler } from '../command-handler.js';
import { derivedId } from '../event-identity.js';
import { dispatchOrRaise } from './dispatch.js';
import type { Reactor } from './reactor.js';

/** The reactor that drives every order to its end. One order's commands go one after another. */
export function fulfilmentReactor(handler: CommandHandler, policy: FulfilmentPolicy): Reactor {
  return (recorded) => {
    const orderId = recorded.metadata.$correlationId;
    const run = async (attempt: number) => {
      const known = recorded.stream.startsWith('order-') ? recorded.revision : 0;
      const { state } = await handler.load(order, orderId, known);
      for (const next of react(recorded, state, policy, derivedId)) await send(handler, recorded, next, attempt === 1);
    };
    return [{ lane: `order-${orderId}`, what: `fulfilment after ${recorded.event.type}`, run }];
  };
}

/**
 * A stream that somebody may have begun already is read first: the store would answer the same append again with its first revision, and
 * the state that follows from that is as old as the append.
 */
function send(handler: CommandHandler, trigger: Recorded<DomainEvent>, next: FulfilmentCommand, firstTime: boolean): Promise<void> {
  switch (next.to) {
    case 'order':
      return dispatchOrRaise(handler, trigger, order, next.id, next.command);
    case 'payment':
      return dispatchOrRaise(handler, trigger, payment, next.id, next.command, { assumeNew: firstTime && (next.begins ?? false) });
    case 'reservation':
      return dispatchOrRaise(handler, trigger, reservation, next.id, next.command, {
        assumeNew: firstTime && (next.begins ?? false),
      });
    default:
      return unreachable(next);
  }
}
