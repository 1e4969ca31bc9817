// The log in memory, and the port through which the process manager's code reads and writes it. Every call waits for its turn, states that
// are loaded may be old, and now and then a command is unavailable, done or not: all of which the real one may do.

import type { CommandContext, Outcome } from '../../src/commands/command.js';
import type { CommandHandler } from '../../src/commands/command-handler.js';
import { derivedId } from '../../src/commands/event-identity.js';
import type { Decider } from '../../src/domain/decider.js';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { encode } from '../../src/domain/log/codec.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import type { Chance } from './chance.js';

/** Resolves when it is the caller's turn: between two calls anything may happen. */
export type Turn = () => Promise<void>;

/** What all parts of a run share. */
export interface Circumstances {
  readonly chance: Chance;
  /** Milliseconds since 1970. */
  now: number;
  /** No more faults and no more old states: what is under way comes to its end. */
  calm: boolean;
  /** Counts what has changed: whoever waits has a reason to look again. */
  changes: number;
  /** Counts what has happened, by name. */
  readonly happened: (what: string) => void;
}

interface Stream<State> {
  readonly name: string;
  readonly recorded: Recorded<DomainEvent>[];
  /** The state before the first event, after it, and so on. */
  readonly states: [State, ...State[]];
}

/** The state after all events. */
const stateOf = <State>({ states }: Stream<State>): State => states.at(-1) ?? states[0];

export type Streams = ReturnType<typeof createStreams>;

export function createStreams(circumstances: Circumstances, appended: (recorded: Recorded<DomainEvent>) => void) {
  const { chance, happened } = circumstances;
  const streams = new Map<string, Stream<unknown>>();
  const log: Recorded<DomainEvent>[] = [];

  function streamOf<State, C, Event, R>({ category, initialState }: Decider<State, C, Event, R>, id: string): Stream<State> {
    const name = `${category}-${id}`;
    const known = streams.get(name);
    // A stream belongs to one decider, so the states that it keeps are the caller's.
    if (known !== undefined) return known as Stream<State>;
    const begun: Stream<State> = { name, recorded: [], states: [initialState] };
    streams.set(name, begun as Stream<unknown>);
    return begun;
  }

  const load = <State, C, Event, R>(decider: Decider<State, C, Event, R>, id: string): State => stateOf(streamOf(decider, id));

  function append<State, C, Event extends DomainEvent, R>(
    decider: Decider<State, C, Event, R>,
    id: string,
    events: readonly Event[],
    { commandId, correlationId, causationId, actor }: CommandContext,
  ) {
    const stream = streamOf(decider, id);
    const { name, recorded, states } = stream;
    const occurredAt = new Date(circumstances.now).toISOString();
    for (const [index, event] of events.entries()) {
      states.push(decider.evolve(stateOf(stream), event));
      const one: Recorded<DomainEvent> = {
        event,
        id: derivedId(commandId, name, index),
        stream: name,
        revision: recorded.length,
        position: BigInt(log.length + 1),
        at: occurredAt,
        metadata: {
          $correlationId: correlationId,
          $causationId: causationId ?? commandId,
          commandId,
          actor,
          schemaVersion: 1,
          appVersion: '0',
          occurredAt,
        },
      };
      recorded.push(one);
      log.push(one);
      circumstances.changes += 1;
    }
    for (const one of recorded.slice(recorded.length - events.length)) appended(one);
  }

  /** The stream as it stood at a revision, or as it stands. */
  function at<State>(stream: Stream<State>, revision = stream.recorded.length - 1) {
    const { recorded, states } = stream;
    return { state: states[revision + 1] ?? states[0], revision, position: recorded[revision]?.position ?? -1n };
  }

  /** Decides on the stream as it stands, and appends. */
  function send<State, C, Event extends DomainEvent, R>(
    decider: Decider<State, C, Event, R>,
    id: string,
    command: C,
    context: CommandContext,
  ): Exclude<Outcome<State, Event, R>, { outcome: 'unavailable' }> {
    const decision = decider.decide(command, load(decider, id));
    if (decision.outcome === 'refused') return { ...decision, state: load(decider, id) };
    append(decider, id, decision.events, context);
    return { ...decision, ...at(streamOf(decider, id)) };
  }

  /** The store answers the same append again as it did at first. */
  function answeredBefore<State, C, Event, R>(decider: Decider<State, C, Event, R>, id: string, { commandId }: CommandContext) {
    const stream = streamOf(decider, id);
    const others = stream.recorded.findIndex(({ metadata }) => metadata.commandId !== commandId);
    const own = others === -1 ? stream.recorded.length : others;
    return own === 0 ? null : at(stream, own - 1);
  }

  const handlerFor = (turn: Turn): CommandHandler => ({
    handle: async (decider, id, command, context, options) => {
      await turn();
      if (!circumstances.calm && chance.oneIn(60)) {
        happened('a command was unavailable');
        return { outcome: 'unavailable', reason: 'The store is away.' };
      }
      const before = options?.assumeNew ? answeredBefore(decider, id, context) : null;
      if (before !== null) return { outcome: 'decided', events: [], ...before };
      const outcome = send(decider, id, command, context);
      if (circumstances.calm || !chance.oneIn(60)) return outcome;
      happened('a command was done, and nobody heard of it');
      return { outcome: 'unavailable', reason: 'The reply was lost.' };
    },
    handleAt: () => Promise.reject(new Error('The process manager expects no revision.')),
    load: async (decider, id, atLeast = 0) => {
      await turn();
      const stream = streamOf(decider, id);
      const head = stream.recorded.length - 1;
      const oldest = atLeast === 'head' ? head : Math.min(head, atLeast);
      const old = !circumstances.calm && chance.oneIn(3);
      const revision = old ? oldest + chance.below(head - oldest + 1) : head;
      if (revision < head) happened('a state that was loaded was old');
      return at(stream, revision);
    },
  });

  /** Of the store's operations the one that the workers use. */
  const storeFor = (turn: Turn): EventStore => ({
    async *readStream(name, { limit = Number.POSITIVE_INFINITY } = {}) {
      await turn();
      for (const { event, id, stream, revision, position, metadata } of (streams.get(name)?.recorded ?? []).slice(0, limit))
        yield { ...encode(event, id, metadata), stream, revision, position, created: new Date(0) };
    },
    append: () => Promise.reject(new Error('not a part of the model')),
    readAll: () => {
      throw new Error('not a part of the model');
    },
    follow: () => {
      throw new Error('not a part of the model');
    },
    setMetadata: () => Promise.reject(new Error('not a part of the model')),
  });

  return { log, streams, load, send, handlerFor, storeFor };
}
