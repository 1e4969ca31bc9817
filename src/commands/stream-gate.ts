// The gate before one stream: commands queue here, are decided one after another on the state that their predecessor left, and are
// appended in one write. So a hot stream costs one append a batch, and its own process never conflicts with itself.

import type { Decider } from '../domain/decider.js';
import type { DomainEvent } from '../domain/event-catalogue.js';
import { OutcomeUnknown, Unavailable } from '../domain/log/errors.js';
import type { AppendResult, EventStore, NewEvent } from '../domain/log/event-store.js';
import { backoff, pause } from './backoff.js';
import type { AllowedRevisions, CommandContext, Mismatch, Outcome } from './command.js';
import { encodeDecided } from './event-identity.js';
import { type Loaded, readTail, type Tail } from './stream-tail.js';
import { type Answered, allows, type Waiting } from './waiting-command.js';

/** What a gate may hold and how long it tries. */
export interface GateLimits {
  readonly appVersion: string;
  /** Commands that may wait before one stream. */
  readonly queue: number;
  /** Commands and bytes in one write. */
  readonly batchCommands: number;
  readonly batchBytes: number;
  /** How often a write is decided anew after a conflict. */
  readonly conflicts: number;
  /** How long an append without an answer, or a store that is away, is tried again, in milliseconds. */
  readonly patience: number;
}

export class StreamGate<State, Command, Event extends DomainEvent, Refusal> {
  readonly #store: EventStore;
  readonly #decider: Decider<State, Command, Event, Refusal>;
  readonly #stream: string;
  readonly #limits: GateLimits;
  readonly #queue: Waiting<State, Command, Event, Refusal>[] = [];
  #loaded: Loaded<State> | null = null;
  #running = false;

  constructor(store: EventStore, decider: Decider<State, Command, Event, Refusal>, stream: string, limits: GateLimits) {
    this.#store = store;
    this.#decider = decider;
    this.#stream = stream;
    this.#limits = limits;
  }

  /** Nobody waits, so that the gate may be forgotten: its state is in the log. */
  get idle(): boolean {
    return !this.#running;
  }

  /**
   * Queues a command. With `assumeNew` a stream that is not cached is taken to be empty without a read: right for a command that
   * begins a stream, and safe for any, because the exact expected revision decides.
   */
  submit(command: Command, context: CommandContext, assumeNew = false): Promise<Outcome<State, Event, Refusal>> {
    if (assumeNew && !this.#running) this.#loaded ??= this.#empty;
    return new Promise((answer, fail) => this.#enqueue({ command, context, answer, fail }));
  }

  /** Queues a command that is decided at an expected revision only: on the very state that it is decided on. */
  submitAt(
    expected: AllowedRevisions,
    command: Command,
    context: CommandContext,
  ): Promise<Outcome<State, Event, Refusal> | Mismatch> {
    return new Promise((answer, fail) => {
      const mismatch = (revision: number) => answer({ outcome: 'mismatch', revision });
      this.#enqueue({ command, context, expectation: { expected, mismatch }, answer, fail });
    });
  }

  #enqueue(waiting: Waiting<State, Command, Event, Refusal>): void {
    const { queue } = this.#limits;
    if (this.#queue.length >= queue) {
      waiting.answer({ outcome: 'unavailable', reason: `More than ${queue} commands wait for ${this.#stream}.` });
      return;
    }
    this.#queue.push(waiting);
    if (!this.#running) void this.#drain();
  }

  /** The state at least at this revision, cached if it is; at `head` the tail is always read. @throws Unavailable */
  async load(atLeast: number | 'head'): Promise<Loaded<State>> {
    const cached = this.#loaded;
    if (cached !== null && atLeast !== 'head' && cached.revision >= atLeast) return cached;
    const { loaded } = await this.#readTail(cached ?? this.#empty);
    if (atLeast !== 'head' && atLeast > Math.max(0, loaded.revision))
      throw new Unavailable(`${this.#stream} was read up to revision ${loaded.revision}, and ${atLeast} is known to exist.`);
    // Commands may have been decided in the meantime: an older state must not come back.
    if (!this.#running && loaded.revision >= (this.#loaded?.revision ?? -1)) this.#loaded = loaded;
    return loaded;
  }

  get #empty(): Loaded<State> {
    return { state: this.#decider.initialState, revision: -1, position: -1n };
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#limits.batchCommands);
      try {
        await this.#settle(batch);
      } catch (error) {
        this.#loaded = null;
        for (const waiting of batch) this.#answerFailure(waiting, error);
      }
    }
    this.#running = false;
  }

  #answerFailure(waiting: Waiting<State, Command, Event, Refusal>, error: unknown): void {
    if (error instanceof Unavailable || error instanceof OutcomeUnknown)
      waiting.answer({ outcome: 'unavailable', reason: error.message });
    else waiting.fail(error);
  }

  /** Load, decide, append, on a conflict look for our own commands and decide the others anew, answer. */
  async #settle(batch: readonly Waiting<State, Command, Event, Refusal>[]): Promise<void> {
    let open = batch;
    let confirmed = this.#loaded === null;
    let loaded = this.#loaded ?? (await this.#readTail(this.#empty)).loaded;
    for (let attempt = 0; open.length > 0; ) {
      const { answered, writes, postponed } = this.#decideAll(open, loaded);
      if (writes.length === 0 && !confirmed) {
        // Nothing to append, so no expected revision would tell that the cached state is old.
        ({ loaded } = await this.#readTail(loaded));
        confirmed = true;
        continue;
      }
      const result = writes.length === 0 ? null : await this.#append(writes, loaded.revision);
      if (result?.outcome === 'conflict') {
        attempt += 1;
        const tail = await this.#readTail(loaded);
        ({ loaded } = tail);
        confirmed = true;
        open = this.#answerOwn(open, tail);
        if (attempt > this.#limits.conflicts) {
          this.#loaded = loaded;
          const reason = `${this.#stream} was written by others ${attempt} times in a row.`;
          for (const waiting of open) waiting.answer({ outcome: 'unavailable', reason });
          return;
        }
        await pause(backoff(attempt, 1, 50));
        continue;
      }
      const last = answered.at(-1);
      const state = last === undefined ? loaded.state : last.state;
      loaded = result === null ? loaded : { state, revision: result.revision, position: result.position };
      this.#loaded = loaded;
      for (const { waiting, decision, state } of answered) {
        if ('refusal' in decision) waiting.answer({ outcome: 'refused', refusal: decision.refusal, state });
        else if ('mismatch' in decision) void this.#answerMismatch(waiting, decision.mismatch);
        else waiting.answer({ outcome: 'decided', state, position: loaded.position, ...decision });
      }
      open = postponed;
      confirmed = true;
      attempt = 0;
    }
  }

  #decideAll(open: readonly Waiting<State, Command, Event, Refusal>[], loaded: Loaded<State>) {
    const answered: Answered<State, Command, Event, Refusal>[] = [];
    const writes: NewEvent[] = [];
    let { state, revision } = loaded;
    let bytes = 0;
    for (const [index, waiting] of open.entries()) {
      const made = this.#decideOne(waiting, state);
      if (made === null) continue;
      const { decision, encoded } = made;
      // Where there is nothing at all, why the command cannot be is the better answer.
      if (
        waiting.expectation !== undefined &&
        !allows(waiting.expectation.expected, revision) &&
        (revision >= 0 || decision.outcome === 'decided')
      ) {
        answered.push({ waiting, decision: { mismatch: revision }, state });
        continue;
      }
      if (decision.outcome === 'refused') {
        answered.push({ waiting, decision, state });
        continue;
      }
      bytes += encoded.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
      if (bytes > this.#limits.batchBytes && writes.length > 0) return { answered, writes, postponed: open.slice(index) };
      writes.push(...encoded);
      state = decision.events.reduce(this.#decider.evolve, state);
      revision += encoded.length;
      answered.push({ waiting, decision: { events: decision.events, revision }, state });
    }
    return { answered, writes, postponed: [] };
  }

  /** Decides one command and encodes what it decided. A command that cannot be is its own caller's failure, not its neighbours'. */
  #decideOne(waiting: Waiting<State, Command, Event, Refusal>, state: State) {
    try {
      const decision = this.#decider.decide(waiting.command, state);
      const events = decision.outcome === 'decided' ? decision.events : [];
      return { decision, encoded: encodeDecided(events, this.#stream, waiting.context, this.#limits.appVersion) };
    } catch (error) {
      waiting.fail(error);
      return null;
    }
  }

  /**
   * Appends, and sends the same bytes at the same revision again while the outcome is unknown. With expected == current the store does
   * not compare event ids, so nothing may be decided anew at a revision whose append is not answered.
   */
  async #append(events: readonly NewEvent[], revision: number): Promise<AppendResult> {
    const giveUp = performance.now() + this.#limits.patience;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#store.append(this.#stream, events, revision < 0 ? 'no-stream' : revision);
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof OutcomeUnknown) || performance.now() > giveUp) throw error;
        await pause(backoff(attempt, 20, 1000));
      }
    }
  }

  #readTail(from: Loaded<State>): Promise<Tail<State, Event>> {
    return readTail(this.#store, this.#decider, this.#stream, from);
  }

  /** A run that is not its command's first may have been preceded by one that was written: then the revision is its own doing. */
  async #answerMismatch(waiting: Waiting<State, Command, Event, Refusal>, revision: number): Promise<void> {
    try {
      const first = (waiting.context.runId ?? waiting.context.commandId) === waiting.context.commandId;
      if (first || this.#answerOwn([waiting], await this.#readTail(this.#empty)).length > 0)
        waiting.expectation?.mismatch(revision);
    } catch (error) {
      this.#answerFailure(waiting, error);
    }
  }

  /** Answers those whose events are found in the new tail: an earlier attempt had been written. The others remain. */
  #answerOwn(open: readonly Waiting<State, Command, Event, Refusal>[], { written }: Tail<State, Event>) {
    return open.filter((waiting) => {
      const own = written.get(waiting.context.commandId);
      if (own === undefined) return true;
      waiting.answer({ outcome: 'decided', ...own });
      return false;
    });
  }
}
