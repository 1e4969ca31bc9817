// The events of one stream as they were recorded, for answers that are built with a projection's own fold.

import type { CommandContext } from '../../commands/command.js';
import { derivedId } from '../../commands/event-identity.js';
import type { Decider } from '../../domain/decider.js';
import { type DomainEvent, eventTypes } from '../../domain/event-catalogue.js';
import { decode } from '../../domain/log/codec.js';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { laterProblem } from './problem.js';
import type { Services } from './services.js';

type StreamOf<Event> = Pick<Decider<never, never, Event, never>, 'category'> & {
  readonly evolve: (state: never, event: Event) => unknown;
};

/** Folds the events of a stream as a projection does; `null` if there are none. @throws Problem 503 when the store is away */
export async function foldStream<Event extends DomainEvent, View>(
  { store, logId }: Pick<Services, 'store' | 'logId'>,
  decider: StreamOf<Event>,
  id: string,
  evolve: (view: View | null, recorded: Recorded<Event>, logId: string) => View,
): Promise<View | null> {
  let view: View | null = null;
  try {
    for await (const stored of store.readStream(`${decider.category}-${id}`)) {
      // A category's streams hold the events of its decider only: they are appended through it alone.
      view = evolve(view, decode(stored) as Recorded<Event>, logId);
    }
  } catch (error) {
    if (error instanceof Unavailable || error instanceof OutcomeUnknown)
      throw laterProblem('dependency-unavailable', `It is done, but cannot be shown now: ${error.message}`);
    throw error;
  }
  return view;
}

/** Whether this command wrote the first event of its stream, in whichever of its runs. @throws Unavailable */
export async function begunBy({ store }: Pick<Services, 'store'>, stream: string, { commandId }: CommandContext): Promise<boolean> {
  for await (const stored of store.readStream(stream, { limit: 1 })) return decode(stored).metadata.commandId === commandId;
  return false;
}

/**
 * The first event of a stream as the log has it, known from its append: nothing needs to be read. `null` if another run of the command
 * may have written it, of another time and with other prices: then only the log knows.
 */
export function recordedFirst<Event extends DomainEvent>(
  event: Event,
  stream: string,
  position: bigint,
  context: CommandContext,
  appVersion: string,
): Recorded<Event> | null {
  const { commandId, runId, correlationId, causationId, actor, at, traceparent } = context;
  if (runId !== undefined) return null;
  return {
    event,
    // Lazily, because a hash is not cheap and few folds look at it.
    get id() {
      return derivedId(commandId, stream, 0);
    },
    stream,
    revision: 0,
    position,
    at,
    metadata: {
      $correlationId: correlationId,
      $causationId: causationId ?? commandId,
      commandId,
      actor,
      schemaVersion: eventTypes.get(event.type)?.version ?? 1,
      appVersion,
      occurredAt: at,
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  };
}
