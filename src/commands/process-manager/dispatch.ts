// Sends the commands that events trigger, and turns an outcome into what a reaction knows: done, or again later.

import type { Decider } from '../../domain/decider.js';
import type { DomainEvent } from '../../domain/event-catalogue.js';
import { Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { order } from '../../domain/order/order.js';
import type { Outcome } from '../command.js';
import type { CommandHandler } from '../command-handler.js';
import { triggeredBy } from './reactor.js';

export type Settled<State, Event, Refusal> = Exclude<Outcome<State, Event, Refusal>, { outcome: 'unavailable' }>;

/**
 * Sends a command in the name of the event that triggered it. `as` tells commands of one type and one trigger apart; without it the type
 * is enough. @throws Unavailable: send it again, it has the same id.
 */
export async function dispatch<State, Command extends { readonly type: string }, Event extends DomainEvent, Refusal>(
  handler: CommandHandler,
  trigger: Recorded<DomainEvent>,
  decider: Decider<State, Command, Event, Refusal>,
  id: string,
  command: Command,
  options?: { readonly assumeNew?: boolean; readonly as?: string },
): Promise<Settled<State, Event, Refusal>> {
  const context = triggeredBy(trigger, options?.as ?? command.type, `${decider.category}-${id}`);
  const outcome = await handler.handle(decider, id, command, context, options);
  if (outcome.outcome === 'unavailable') throw new Unavailable(outcome.reason);
  return outcome;
}

/** What should be impossible: a person is asked to look at the order, once for each trigger and code. @throws Unavailable */
export async function raiseAttention(
  handler: CommandHandler,
  trigger: Recorded<DomainEvent>,
  code: string,
  detail: string,
): Promise<void> {
  const command = { type: 'RaiseAttention', code, detail, subject: trigger.id } as const;
  await dispatch(handler, trigger, order, trigger.metadata.$correlationId, command, { as: `RaiseAttention ${code}` });
}

/** Sends a command that nothing should refuse. If it is refused all the same, the order gets attention. @throws Unavailable */
export async function dispatchOrRaise<
  State,
  Command extends { readonly type: string },
  Event extends DomainEvent,
  Refusal extends { readonly code: string },
>(
  handler: CommandHandler,
  trigger: Recorded<DomainEvent>,
  decider: Decider<State, Command, Event, Refusal>,
  id: string,
  command: Command,
  options?: { readonly assumeNew?: boolean; readonly as?: string },
): Promise<void> {
  const outcome = await dispatch(handler, trigger, decider, id, command, options);
  if (outcome.outcome !== 'refused') return;
  const detail = `${command.type} on ${decider.category}-${id} was refused: ${JSON.stringify(outcome.refusal)}`;
  await raiseAttention(handler, trigger, outcome.refusal.code, detail);
}
