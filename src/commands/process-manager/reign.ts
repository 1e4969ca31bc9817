// One time of holding the process manager's lease: follows the log, hands each event's reactions to their lanes, and keeps the low
// watermark, above which everything is delivered again after a crash.

import { streamPrefixes } from '../../domain/event-catalogue.js';
import { concernsFulfilment } from '../../domain/fulfilment/fulfilment.js';
import type { Checkpoint, Checkpoints, Lease, Place, Tx } from '../../domain/log/checkpoint.js';
import { decode } from '../../domain/log/codec.js';
import { Fenced, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { EventStore, StoredEvent } from '../../domain/log/event-store.js';
import { backoff, pause } from '../backoff.js';
import { Lanes } from './lanes.js';
import type { Reaction, Reactor } from './reactor.js';
import { Watermark } from './watermark.js';

/** The name of the process manager's checkpoint; permanent. */
export const checkpointName = 'process-manager';

/** Where the runner says what an operator should know. */
export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RunnerDependencies {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly database: Tx;
  readonly logId: string;
  /** Throws if the event at this place is not the one that is remembered: another log, or one restored from before it. */
  readonly verify: (checkpoint: Checkpoint) => Promise<void>;
  readonly reactors: readonly Reactor[];
  /** Names this process among those that may hold the lease. */
  readonly holder: string;
  readonly log: RunnerLog;
  readonly leaseMilliseconds?: number;
  readonly saveEveryMilliseconds?: number;
  /** Events that may be unanswered before no more are pulled. */
  readonly readAhead?: number;
}

export type RunnerState = 'standing-by' | 'catching-up' | 'running' | 'stopped' | 'failed';

export interface RunnerStatus {
  readonly state: RunnerState;
  /** Up to where everything is answered. */
  readonly position: bigint | null;
  readonly outstanding: number;
  /** The last thing that went wrong and has not come right since. */
  readonly problem: string | null;
}

/** How long a process manager that died keeps others out. */
export const leaseOf = ({ leaseMilliseconds }: RunnerDependencies) => leaseMilliseconds ?? 5000;

/** One time of holding the lease, from taking it to losing it or giving it up. */
export class Reign {
  readonly #with: RunnerDependencies;
  readonly #lease: Lease;
  readonly #watermark: Watermark;
  readonly #lanes = new Lanes();
  readonly #stopping: AbortSignal;
  readonly #over = new AbortController();
  readonly #saved: { place: Place | null; renewedAt: number };
  #caughtUp = false;
  #lastProblem: string | null = null;

  constructor(dependencies: RunnerDependencies, lease: Lease, { place }: Checkpoint, stopping: AbortSignal) {
    this.#with = dependencies;
    this.#lease = lease;
    this.#watermark = new Watermark(place);
    this.#saved = { place, renewedAt: performance.now() };
    this.#stopping = stopping;
    if (stopping.aborted) this.#over.abort(stopping.reason);
    stopping.addEventListener('abort', () => this.#over.abort(stopping.reason), { once: true, signal: this.#over.signal });
  }

  status(): RunnerStatus {
    return {
      state: this.#caughtUp ? 'running' : 'catching-up',
      position: this.#watermark.place?.position ?? null,
      outstanding: this.#watermark.outstanding,
      problem: this.#lastProblem,
    };
  }

  /** Follows until it must end. Returns when it was told to stop; throws what went wrong. */
  async hold(): Promise<void> {
    const keeping = this.#keep();
    const following = this.#follow();
    try {
      await Promise.race([following, keeping]);
    } catch (error) {
      if (!this.#stopping.aborted) throw error;
    } finally {
      this.#over.abort();
      await Promise.allSettled([following, keeping]);
    }
  }

  /** Lets what is under way end for at most so many milliseconds, saves once more and gives up the lease. */
  async end(grace: number): Promise<void> {
    this.#over.abort();
    const waited = new AbortController();
    await Promise.race([this.#lanes.idle(), pause(grace, waited.signal)]);
    waited.abort();
    try {
      await this.#save();
      await this.#with.checkpoints.release(this.#lease);
    } catch (error) {
      this.#with.log.warn(
        { err: error },
        'The process manager could not save its checkpoint; what it did since is delivered again.',
      );
    }
  }

  async #follow(): Promise<void> {
    const after = this.#saved.place?.position;
    const { store, readAhead = 2000 } = this.#with;
    const from = after === undefined ? {} : { after };
    for await (const { events, caughtUp } of store.follow({ ...from, streamPrefixes: followed, signal: this.#over.signal })) {
      for (const stored of events) this.#take(stored);
      if (caughtUp) this.#caughtUp = true;
      if (this.#watermark.outstanding > readAhead) await this.#watermark.below(readAhead / 2, this.#over.signal);
    }
  }

  #take(stored: StoredEvent): void {
    const recorded = decode(stored);
    // Of history nobody knows what a predecessor has done about it.
    const firstAttempt = this.#caughtUp ? 1 : 2;
    const reactions = this.#with.reactors.flatMap((reactor) => reactor(recorded));
    const answered = this.#watermark.begin({ position: stored.position, eventId: stored.id }, reactions.length);
    for (const reaction of reactions)
      this.#lanes.run(reaction.lane, async () => {
        if (await this.#persist(reaction, firstAttempt)) answered();
      });
  }

  /** Runs a reaction until it has succeeded; false if the reign ended first. */
  async #persist({ run, what, lane }: Reaction, firstAttempt: number): Promise<boolean> {
    for (let attempt = 1; !this.#over.signal.aborted; attempt += 1) {
      try {
        await run(firstAttempt + attempt - 1);
        this.#lastProblem = null;
        return true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#lastProblem = `${lane}, ${what}: ${reason}`;
        const passing = error instanceof Unavailable || error instanceof OutcomeUnknown;
        this.#with.log[passing ? 'warn' : 'error']({ lane, what, attempt, err: error }, `Tried again later: ${reason}`);
        await pause(backoff(attempt, 100, 30_000), this.#over.signal);
      }
    }
    return false;
  }

  /** Saves the watermark now and then, and holds the lease. Throws when either is refused. */
  async #keep(): Promise<void> {
    const { checkpoints, saveEveryMilliseconds = 100 } = this.#with;
    const ttl = leaseOf(this.#with);
    while (!this.#over.signal.aborted) {
      await pause(saveEveryMilliseconds, this.#over.signal);
      try {
        await this.#save();
        if (performance.now() - this.#saved.renewedAt < ttl / 3) continue;
        if (!(await checkpoints.renew(this.#lease, ttl)))
          throw new Fenced('Another process has taken the lease of the process manager.');
        this.#saved.renewedAt = performance.now();
      } catch (error) {
        // Without the database the lease runs out, and a successor begins at the last saved place: what is done twice has one effect.
        // After an unknown outcome the checkpoint may have moved: it is read again with a new lease.
        if (!(error instanceof Unavailable) || performance.now() - this.#saved.renewedAt > ttl) throw error;
      }
    }
  }

  async #save(): Promise<void> {
    const { place } = this.#watermark;
    const saved = this.#saved.place;
    if (place === null || place.position === saved?.position) return;
    const from = new Map([[checkpointName, saved?.position ?? null]]);
    await this.#with.checkpoints.advance(this.#with.database, this.#lease, from, {
      position: place.position,
      eventId: place.eventId,
    });
    this.#saved.place = place;
  }
}

/** Orders, payments and reservations. Not stock: its answers come back with the commands. */
const followed = streamPrefixes.filter(concernsFulfilment);
