// One function serves all aggregates: it finds the stream's gate and leaves the rest to it. Gates hold the cached states; those not used
// for long are forgotten.

import type { Decider } from '../domain/decider.js';
import type { DomainEvent } from '../domain/event-catalogue.js';
import type { EventStore } from '../domain/log/event-store.js';
import type { AllowedRevisions, CommandContext, Mismatch, Outcome } from './command.js';
import { type GateLimits, StreamGate } from './stream-gate.js';
import type { Loaded } from './stream-tail.js';

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

  /** The same at an expected revision only. An earlier run of this very command that was written is no mismatch: it is the outcome. */
  handleAt<State, Command, Event extends DomainEvent, Refusal>(
    expected: AllowedRevisions,
    decider: Decider<State, Command, Event, Refusal>,
    id: string,
    command: Command,
    context: CommandContext,
  ): Promise<Outcome<State, Event, Refusal> | Mismatch>;

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

/** How many streams' states are kept in memory at least, unless told otherwise; at most twice as many. */
const defaultCacheSize = 25_000;

/** A handler over this store; its cache lives as long as it does. */
export function createCommandHandler(
  store: EventStore,
  options: Partial<GateLimits> & { readonly cacheSize?: number } = {},
): CommandHandler {
  const limits = { ...defaults, ...options };
  const gates = new GateCache(options.cacheSize ?? defaultCacheSize);

  function gateOf<State, Command, Event extends DomainEvent, Refusal>(
    decider: Decider<State, Command, Event, Refusal>,
    id: string,
  ) {
    const stream = `${decider.category}-${id}`;
    const make = () => new StreamGate(store, decider, stream, limits);
    // A stream belongs to one decider, so the types that the cache forgets are the caller's again.
    return gates.get(stream, make) as StreamGate<State, Command, Event, Refusal>;
  }

  return {
    handle: (decider, id, command, context, options) => gateOf(decider, id).submit(command, context, options?.assumeNew),
    handleAt: (expected, decider, id, command, context) => gateOf(decider, id).submitAt(expected, command, context),
    load: (decider, id, atLeast = 0) => gateOf(decider, id).load(atLeast),
  };
}

/**
 * Gates by stream, in two generations: what is not asked for while the newer one fills is forgotten. Keeping the exact order of use would
 * cost more than the decisions do.
 */
class GateCache {
  readonly #generation: number;
  #newer = new Map<string, { readonly idle: boolean }>();
  #older = new Map<string, { readonly idle: boolean }>();

  constructor(generation: number) {
    this.#generation = generation;
  }

  get(stream: string, make: () => { readonly idle: boolean }): unknown {
    const young = this.#newer.get(stream);
    if (young !== undefined) return young;
    const gate = this.#older.get(stream) ?? make();
    if (this.#newer.size >= this.#generation) this.#age();
    this.#newer.set(stream, gate);
    return gate;
  }

  /** A gate at work is never forgotten: a second one for its stream would conflict with it. */
  #age(): void {
    const working = [...this.#older].filter(([, gate]) => !gate.idle);
    this.#older = this.#newer;
    this.#newer = new Map(working);
  }
}
