// What stands in a stream after a state that is known: the state that it makes, and which command wrote what of it.

import type { Decider } from '../domain/decider.js';
import type { DomainEvent } from '../domain/event-catalogue.js';
import { decode } from '../domain/log/codec.js';
import type { EventStore } from '../domain/log/event-store.js';

/** A stream's state as it was last read or written. */
export interface Loaded<State> {
  readonly state: State;
  /** -1 while the stream does not exist. */
  readonly revision: number;
  /** Of the event at that revision; -1n while the stream does not exist. */
  readonly position: bigint;
}

interface Written<State, Event> extends Loaded<State> {
  readonly events: readonly Event[];
}

export interface Tail<State, Event> {
  readonly loaded: Loaded<State>;
  /** By command id: its events, and the state that its last one left. */
  readonly written: ReadonlyMap<string, Written<State, Event>>;
}

/** Reads what comes after a known state. @throws Unavailable */
export async function readTail<State, Event extends DomainEvent>(
  store: EventStore,
  decider: Pick<Decider<State, never, Event, unknown>, 'evolve'>,
  stream: string,
  from: Loaded<State>,
): Promise<Tail<State, Event>> {
  let { state, revision, position } = from;
  const written = new Map<string, Written<State, Event>>();
  for await (const stored of store.readStream(stream, { from: revision + 1 })) {
    const recorded = decode(stored);
    // A category's streams hold the events of its decider only: they are appended through it alone.
    const event = recorded.event as Event;
    state = decider.evolve(state, event);
    ({ revision, position } = recorded);
    const own = written.get(recorded.metadata.commandId);
    written.set(recorded.metadata.commandId, { events: [...(own?.events ?? []), event], state, revision, position });
  }
  return { loaded: { state, revision, position }, written };
}
