// What reacts to events: the process manager's commands and the workers' side effects. A reactor is not a projection: a replay never
// reaches it.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { CommandContext } from '../command.js';
import { derivedId } from '../event-identity.js';

/** Something to be done because of an event. It may be done twice, and it is done until it has once succeeded. */
export interface Reaction {
  /** What goes on one lane is done one after another, in the order of the events; lanes go side by side. */
  readonly lane: string;
  /** What it is, in words for an operator. */
  readonly what: string;
  /**
   * Does it. Throws `Unavailable` or `OutcomeUnknown` to be called again later. `attempt` is 1 if nobody can have done it before; above
   * that an earlier attempt, perhaps of another process, may have done it or a part of it: look before you leap.
   */
  readonly run: (attempt: number) => Promise<void>;
}

/** Says what an event asks for. Cheap and without side effects: those are in the reactions. */
export type Reactor = (recorded: Recorded<DomainEvent>) => readonly Reaction[];

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
