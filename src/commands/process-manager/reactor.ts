// What reacts to events: the process manager's commands and the workers' side effects. A reactor is not a projection: a replay never
// reaches it.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { CommandContext } from '../command.js';
import { derivedId } from '../event-identity.js';
import type { DeadlineChanges } from './deadline-book.js';
import type { Trigger, WorkItem } from './work.js';

/** Something to be done because of an event. It may be done twice, and it is done until it has once succeeded. */
export interface Reaction {
  /** What goes on one lane is done one after another, in the order of the events; lanes go side by side. */
  readonly lane: string;
  /** What it is, in words for an operator; no other reaction to the event on this lane is called so. */
  readonly what: string;
  /**
   * Does it. Throws `Unavailable` or `OutcomeUnknown` to be called again later. `attempt` is 1 if nobody can have done it before; above
   * that an earlier attempt, perhaps of another process, may have done it or a part of it: look before you leap.
   */
  readonly run: (attempt: number) => Promise<void>;
}

/** Says what an event asks for. Cheap and without side effects: those are in the reactions. */
export type Reactor = (recorded: Recorded<DomainEvent>) => readonly Reaction[];

/** Says which deadlines an event sets and clears, and what is done when one has passed. */
export interface Timekeeper {
  readonly note: (recorded: Recorded<DomainEvent>) => DeadlineChanges;
  /** `recorded` is the event that set it; `null` if there is no such deadline. */
  readonly due: (deadline: string, recorded: Recorded<DomainEvent>) => Reaction | null;
}

/** Nothing went wrong: what was asked is not answered yet. Look again, but not soon. */
export class Pending extends Unavailable {}

export const triggerOf = ({ stream, revision, position }: Recorded<DomainEvent>): Trigger => ({ stream, revision, position });

/** A reaction as a row, should it have to wait. */
export const itemOf = (recorded: Recorded<DomainEvent>, { lane, what }: Pick<Reaction, 'lane' | 'what'>): WorkItem => ({
  id: derivedId(recorded.id, lane, what),
  kind: 'reaction',
  orderId: recorded.metadata.$correlationId,
  lane,
  what,
  trigger: triggerOf(recorded),
});

/** The context of a command that an event triggered: its id is the same for every delivery of that event. */
export function triggeredBy({ id, metadata }: Recorded<DomainEvent>, commandType: string, targetStream: string): CommandContext {
  const { $correlationId, traceparent } = metadata;
  return {
    commandId: derivedId(id, commandType, targetStream),
    correlationId: $correlationId,
    causationId: id,
    actor: 'process-manager',
    at: new Date().toISOString(),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
