// One function serves all aggregates: it finds the stream's gate and leaves the rest to it. Gates hold the cached states; the least
// recently used idle ones are forgotten.

import type { Decider } from '../domain/decider.js';
import type { DomainEvent } from '../domain/event-catalogue.js';
import type { EventStore } from '../domain/log/event-store.js';
import type { CommandContext, Outcome } from './command.js';
import { type GateLimits, type Loaded, StreamGate } from './stream-gate.js';

export interface CommandHandler {
  /**
   * Loads, decides, appends at the exact revision; decides anew on a conflict. Neither a refusal nor an outage is an exception; what
   * throws is a log that cannot be read (UnknownEvent, MalformedEvent).
   * `assumeNew`: the command begins its stream, so that a stream that is not cached is not read first.
   */
  handle<State, Command, Event extends DomainEvent, Refusal>(
    decider: Decider<State, Command, Event, Refusal>,
    id: string,
    command: Command,
    context: CommandContext,
    options?: { readonly assumeNew?: boolean },
  ): Promise<Outcome<State, Event, Refusal>>;

  /**
   * The state of a stream. By default as cached, whatever its age, if the stream is known to exist; with a revision, at least that; at
   * `head`, as it stands now. @throws Unavailable
   */
  load<State, Command, Event extends DomainEvent, Refusal>(
    decider: Decider<State, Command, Event, Refusal>,
    id: string,
    atLeast?: number | 'head',
  ): Promise<Loaded<State>>;
}

const defaults: GateLimits = {
  appVersion: '0',
  queue: 1024,
  batchCommands: 256,
  batchBytes: 256 * 1024,
  conflicts: 10,
  patience: 15_000,
};

/** How many streams' states are kept in memory, unless told otherwise. */
const defaultCacheSize = 50_000;

/** A handler over this store; its cache lives as long as it does. */
export function createCommandHandler(
  store: EventStore,
  options: Partial<GateLimits> & { readonly cacheSize?: number } = {},
): CommandHandler {
  const limits = { ...defaults, ...options };
  const cacheSize = options.cacheSize ?? defaultCacheSize;
  // In order of use, the least recent first. A stream belongs to one decider, so the types that the map forgets are the caller's again.
  const gates = new Map<string, unknown>();

  function gateOf<State, Command, Event extends DomainEvent, Refusal>(
    decider: Decider<State, Command, Event, Refusal>,
    id: string,
  ) {
    const stream = `${decider.category}-${id}`;
    const known = gates.get(stream) as StreamGate<State, Command, Event, Refusal> | undefined;
    const gate = known ?? new StreamGate(store, decider, stream, limits);
    gates.delete(stream);
    gates.set(stream, gate);
    if (gates.size > cacheSize) forgetOldest();
    return gate;
  }

  function forgetOldest() {
    for (const [stream, gate] of gates) {
      if (gates.size <= cacheSize) return;
      if ((gate as { idle: boolean }).idle) gates.delete(stream);
    }
  }

  return {
    handle: (decider, id, command, context, options) => gateOf(decider, id).submit(command, context, options?.assumeNew ?? false),
    load: (decider, id, atLeast = 0) => gateOf(decider, id).load(atLeast),
  };
}
