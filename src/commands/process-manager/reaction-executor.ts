// Carries out reactions: at once and in the order of their lane, or as a row that is tried again, once one has failed or takes long. A row
// no longer holds the watermark, so that what waits for somebody else's sake delays its own order only.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Lease } from '../../domain/log/checkpoint.js';
import { Fenced, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { backoff, pause } from '../backoff.js';
import { Lanes } from './lanes.js';
import { itemOf, Pending, type Reaction } from './reactor.js';
import { reasonOf } from './reason.js';
import type { RunnerLog } from './runner-ports.js';
import type { Waits } from './waits.js';
import type { DeferredUntil, Work, WorkItem } from './work.js';

interface Attempt {
  readonly ended: 'done' | 'failed';
  readonly error: unknown;
}

export interface ExecutorOptions {
  readonly work: Work;
  readonly lease: Lease;
  readonly waits: Waits;
  readonly log: RunnerLog;
  /** Ends the reign. */
  readonly over: AbortSignal;
  /** Called when a row may be claimed at once. */
  readonly onRow: () => void;
  /** Called when the lease is lost. */
  readonly onFenced: (error: Fenced) => void;
  /** Asks for a person: what failed is not something that passes. */
  readonly raise: (recorded: Recorded<DomainEvent>, code: string, detail: string) => Promise<void>;
}

const passing = (error: unknown) => error instanceof Unavailable || error instanceof OutcomeUnknown;

export class ReactionExecutor {
  readonly #with: ExecutorOptions;
  readonly #lanes = new Lanes();
  /** The ids of the rows of each lane. */
  readonly #rows = new Map<string, Set<string>>();
  /** The rows that are being worked on, and the lane of each. */
  readonly #running = new Map<string, string>();
  /** Lanes in which something came behind a row while that was being worked on: it may have looked too early. */
  readonly #overtaken = new Set<string>();
  readonly #background = new Set<Promise<void>>();
  problem: string | null = null;

  /** `waiting`: the rows that a predecessor left, by lane. */
  constructor(options: ExecutorOptions, waiting: ReadonlyMap<string, readonly string[]>) {
    this.#with = options;
    for (const [lane, ids] of waiting) this.#rows.set(lane, new Set(ids));
  }

  /** The ids of the rows that are being worked on, with the lane of each. */
  get running(): ReadonlyMap<string, string> {
    return this.#running;
  }

  /** Queues a reaction on its lane. `answered` is called once it is done, or is a row; never if the reign ends first. */
  submit(recorded: Recorded<DomainEvent>, reaction: Reaction, firstAttempt: number, answered: () => void): void {
    this.#lanes.run(reaction.lane, async () => {
      try {
        if (await this.#attend(recorded, reaction, firstAttempt)) answered();
      } catch (error) {
        if (error instanceof Fenced) this.#with.onFenced(error);
        else this.#with.log.error({ err: error, lane: reaction.lane }, `${reaction.what} was given up until the next start.`);
      }
    });
  }

  /** Works on a row that was claimed. `reaction` is `null` if there is nothing to be done any more. */
  perform(row: WorkItem, attempts: number, recorded: Recorded<DomainEvent>, reaction: Reaction | null): void {
    this.#inBackground(row, async () => {
      // Its predecessor in the lane, or an earlier try of its own, may have done a part of it.
      const attempt = reaction === null ? null : await attemptOf(reaction, attempts + 1);
      await this.#conclude(row, attempts, recorded, attempt);
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#background.size > 0 || this.#lanes.busy) await Promise.all([this.#lanes.idle(), ...this.#background]);
  }

  /** True once it is answered; false if the reign ended first. */
  async #attend(recorded: Recorded<DomainEvent>, reaction: Reaction, firstAttempt: number): Promise<boolean> {
    const { over, waits } = this.#with;
    const item = itemOf(recorded, reaction);
    const began = performance.now();
    for (let attempt = 1; !over.aborted; attempt += 1) {
      if (this.#rows.has(reaction.lane)) {
        if (await this.#defer(item, 'behind', 'Another of its lane comes first.')) return true;
        await pause(backoff(attempt, 100, 5000), over);
        continue;
      }
      const running = attemptOf(reaction, firstAttempt + attempt - 1);
      const first = await withinTime(running, began + waits.hold - performance.now());
      if (first === 'slow' && (await this.#defer(item, { claimedFor: waits.claim }, 'It takes long.'))) {
        this.#inBackground(item, async () => this.#conclude(item, 1, recorded, await running));
        return true;
      }
      const { ended, error } = first === 'slow' ? await running : first;
      if (ended === 'done') return true;
      this.#report(reaction, attempt, error);
      const tooLong = performance.now() - began > waits.hold;
      const soon = passing(error) && !(error instanceof Pending) && !tooLong;
      if (!soon && (await this.#defer(item, { dueIn: this.#delay(error, 1) }, reasonOf(error)))) return true;
      await pause(backoff(attempt, 100, tooLong ? 30_000 : 1000), over);
    }
    return false;
  }

  #report({ lane, what }: Pick<Reaction, 'lane' | 'what'>, attempt: number, error: unknown): void {
    this.problem = `${lane}, ${what}: ${reasonOf(error)}`;
    if (error instanceof Pending) return;
    const { log } = this.#with;
    const message = `Tried again later: ${reasonOf(error)}`;
    // What passes by itself needs no stack, and there may be many of them.
    if (passing(error)) log.warn({ lane, what, attempt }, message);
    else log.error({ lane, what, attempt, err: error }, message);
  }

  #delay(error: unknown, attempts: number): number {
    const [first, most] = error instanceof Pending ? this.#with.waits.pending : this.#with.waits.retry;
    return backoff(attempts, first, most);
  }

  /** Writes the row; false while that cannot be done, so that it goes on holding the watermark. @throws Fenced */
  async #defer(item: WorkItem, until: DeferredUntil, reason: string): Promise<boolean> {
    const { work, lease, onRow, log } = this.#with;
    if (until === 'behind' && [...this.#running.values()].includes(item.lane)) this.#overtaken.add(item.lane);
    try {
      await work.defer(lease, item, until, reason);
    } catch (error) {
      if (!passing(error)) throw error;
      log.warn({ err: error }, 'What has to wait could not be written down yet.');
      return false;
    }
    const ids = this.#rows.get(item.lane);
    if (ids === undefined) this.#rows.set(item.lane, new Set([item.id]));
    else ids.add(item.id);
    if (until === 'behind') onRow();
    return true;
  }

  #inBackground({ id, lane }: WorkItem, task: () => Promise<void>): void {
    this.#running.set(id, lane);
    this.#overtaken.delete(lane);
    const running = task()
      .catch((error: unknown) => {
        // The claim lapses, and the row is tried again.
        this.#with.log.warn({ err: error }, 'The end of a row could not be written down.');
      })
      .finally(() => {
        this.#running.delete(id);
        this.#background.delete(running);
      });
    this.#background.add(running);
  }

  async #conclude(item: WorkItem, attempts: number, recorded: Recorded<DomainEvent>, attempt: Attempt | null): Promise<void> {
    const { work, lease, onRow, raise } = this.#with;
    if (attempt === null || attempt.ended === 'done') {
      this.problem = null;
      await work.settle(lease, item.id);
      this.#forget(item);
      onRow();
      return;
    }
    const { error } = attempt;
    this.#report(item, attempts, error);
    await this.#postpone(item, this.#delay(error, attempts), reasonOf(error));
    if (passing(error) || attempts < 3) return;
    await raise(recorded, 'processing-failed', `${item.what} fails again and again: ${reasonOf(error)}`);
  }

  /** To be tried again after a time; at once if something has come behind it meanwhile, also while that is written down. */
  async #postpone({ id, lane }: WorkItem, delay: number, reason: string): Promise<void> {
    const { work, lease, onRow } = this.#with;
    let overtaken = this.#overtaken.delete(lane);
    await work.postpone(lease, id, overtaken ? 0 : delay, reason);
    if (!overtaken) {
      overtaken = this.#overtaken.delete(lane);
      if (overtaken) await work.postpone(lease, id, 0, reason);
    }
    if (overtaken) onRow();
  }

  #forget({ lane, id }: WorkItem): void {
    const ids = this.#rows.get(lane);
    ids?.delete(id);
    if (ids?.size === 0) this.#rows.delete(lane);
  }
}

async function attemptOf(reaction: Reaction, attempt: number): Promise<Attempt> {
  try {
    await reaction.run(attempt);
    return { ended: 'done', error: null };
  } catch (error) {
    return { ended: 'failed', error };
  }
}

/** The attempt's end, if it comes within so many milliseconds. */
async function withinTime(running: Promise<Attempt>, milliseconds: number): Promise<Attempt | 'slow'> {
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<'slow'>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds), 'slow');
  });
  try {
    return await Promise.race([running, slow]);
  } finally {
    clearTimeout(timer);
  }
}
