// One time of holding the process manager's lease: follows the log, hands each event's reactions to the executor and its deadlines to the
// book, and keeps the low watermark, above which everything is delivered again after a crash.

import { setMaxListeners } from 'node:events';
import { streamPrefixes } from '../../domain/event-catalogue.js';
import { concernsFulfilment } from '../../domain/fulfilment/fulfilment.js';
import type { Checkpoint, Lease, Place } from '../../domain/log/checkpoint.js';
import { decode } from '../../domain/log/codec.js';
import { Fenced, Unavailable } from '../../domain/log/errors.js';
import type { StoredEvent } from '../../domain/log/event-store.js';
import { pause } from '../backoff.js';
import { DeadlineBook } from './deadline-book.js';
import { ReactionExecutor } from './reaction-executor.js';
import { RowWorker } from './row-worker.js';
import { type Chore, leaseOf, type RunnerDependencies, type RunnerStatus } from './runner-ports.js';
import { defaultWaits } from './waits.js';
import { Watermark } from './watermark.js';

/** One time of holding the lease, from taking it to losing it or giving it up. */
export class Reign {
  readonly #with: RunnerDependencies;
  readonly #lease: Lease;
  readonly #watermark: Watermark;
  readonly #deadlines = new DeadlineBook();
  readonly #executor: ReactionExecutor;
  readonly #rows: RowWorker;
  readonly #stopping: AbortSignal;
  readonly #over = new AbortController();
  readonly #saved: { place: Place | null; renewedAt: number };
  /** The end of history, once it is known. */
  #head: bigint | null = null;
  #caughtUp = false;
  #lost: Fenced | null = null;

  /** `waiting`: the rows that predecessors left, by lane. */
  constructor(
    dependencies: RunnerDependencies,
    lease: Lease,
    { place }: Checkpoint,
    waiting: ReadonlyMap<string, readonly string[]>,
    stopping: AbortSignal,
  ) {
    const { waits = defaultWaits, pollEveryMilliseconds: pollEvery = 500, ...given } = dependencies;
    const over = this.#over.signal;
    // Everything that waits, waits for its end too: many do, and none of them leaks.
    setMaxListeners(0, over);
    this.#with = dependencies;
    this.#lease = lease;
    this.#watermark = new Watermark(place);
    this.#saved = { place, renewedAt: performance.now() };
    this.#stopping = stopping;
    const onFenced = (error: Fenced) => {
      this.#lost ??= error;
      this.#over.abort();
    };
    this.#executor = new ReactionExecutor({ ...given, lease, waits, over, onRow: () => this.#rows.wake(), onFenced }, waiting);
    this.#rows = new RowWorker({ ...given, lease, waits, over, executor: this.#executor, pollEvery });
    if (stopping.aborted) this.#over.abort(stopping.reason);
    stopping.addEventListener('abort', () => this.#over.abort(stopping.reason), { once: true, signal: over });
  }

  status(): RunnerStatus {
    return {
      state: this.#caughtUp ? 'running' : 'catching-up',
      position: this.#watermark.place?.position ?? null,
      outstanding: this.#watermark.outstanding,
      problem: this.#executor.problem,
    };
  }

  /** Follows until it must end. Returns when it was told to stop; throws what went wrong. */
  async hold(): Promise<void> {
    const { chores = [] } = this.#with;
    const parts = [this.#keep(), this.#follow(), this.#serveRows(), ...chores.map((chore) => this.#repeat(chore))];
    try {
      await Promise.race(parts);
    } catch (error) {
      // With the lease lost, what a part says may only be that it was told to end.
      if (this.#lost === null && !this.#stopping.aborted) throw error;
    } finally {
      this.#over.abort();
      await Promise.allSettled(parts);
    }
    if (this.#lost !== null && !this.#stopping.aborted) throw this.#lost;
  }

  /** Lets what is under way end for at most so many milliseconds, saves once more and gives up the lease. */
  async end(grace: number): Promise<void> {
    this.#over.abort();
    const waited = new AbortController();
    await Promise.race([this.#executor.idle(), pause(grace, waited.signal)]);
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
      if (caughtUp) {
        this.#caughtUp = true;
        this.#head = this.#watermark.latest?.position ?? -1n;
      }
      if (this.#watermark.outstanding > readAhead) await this.#watermark.below(readAhead / 2, this.#over.signal);
    }
  }

  #take(stored: StoredEvent): void {
    const { reactors, timekeeper } = this.#with;
    const recorded = decode(stored);
    // Of history nobody knows what a predecessor has done about it.
    const firstAttempt = this.#caughtUp ? 1 : 2;
    this.#deadlines.note(timekeeper.note(recorded));
    const reactions = reactors.flatMap((reactor) => reactor(recorded));
    const answered = this.#watermark.begin({ position: stored.position, eventId: stored.id }, reactions.length);
    for (const reaction of reactions) this.#executor.submit(recorded, reaction, firstAttempt, answered);
  }

  /** Everything that had happened before this reign caught up has been answered: only then is it known what is still waited for. */
  get #historyAnswered(): boolean {
    return this.#head !== null && (this.#watermark.place?.position ?? -1n) >= this.#head;
  }

  async #untilHistoryIsAnswered(): Promise<void> {
    while (!this.#historyAnswered && !this.#over.signal.aborted) await pause(20, this.#over.signal);
  }

  async #serveRows(): Promise<void> {
    await this.#untilHistoryIsAnswered();
    await this.#rows.run();
  }

  async #repeat({ name, every, run }: Chore): Promise<void> {
    const { signal } = this.#over;
    await this.#untilHistoryIsAnswered();
    for (await pause(every, signal); !signal.aborted; await pause(every, signal)) {
      await run().catch((error: unknown) => this.#with.log.warn({ err: error }, `The ${name} did not come to its end this time.`));
    }
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

  /** The place is taken before the deadlines: what it has passed has been noted. */
  async #save(): Promise<void> {
    const saved = this.#saved.place;
    const place = this.#watermark.place ?? saved;
    if (place?.position === saved?.position && this.#deadlines.isEmpty) return;
    const changes = this.#deadlines.take();
    try {
      await this.#with.work.save(this.#lease, saved?.position ?? null, place, changes.set, changes.cleared);
      this.#saved.place = place;
    } catch (error) {
      this.#deadlines.giveBack(changes);
      throw error;
    }
  }
}

/** Orders, payments and reservations. Not stock: its answers come back with the commands. */
const followed = streamPrefixes.filter(concernsFulfilment);
