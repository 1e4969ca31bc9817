// Works on rows that have become due: claims them, reads the event behind each, and has it carried out.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Lease } from '../../domain/log/checkpoint.js';
import { decode, UnknownEvent } from '../../domain/log/codec.js';
import { Corrupt, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { EventStore } from '../../domain/log/event-store.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { backoff, pause } from '../backoff.js';
import type { ReactionExecutor } from './reaction-executor.js';
import type { Reaction, Reactor, Timekeeper } from './reactor.js';
import { reasonOf } from './reason.js';
import type { RunnerLog } from './runner-ports.js';
import type { Waits } from './waits.js';
import type { ClaimedRow, Trigger, Work } from './work.js';

interface RowWorkerOptions {
  readonly store: EventStore;
  readonly work: Work;
  readonly lease: Lease;
  readonly executor: ReactionExecutor;
  readonly reactors: readonly Reactor[];
  readonly timekeeper: Timekeeper;
  readonly waits: Waits;
  readonly pollEvery: number;
  readonly log: RunnerLog;
  readonly over: AbortSignal;
}

/** How many rows of each sort are worked on at a time: those that wait for the gateway take no room from the others. */
const places = { order: 32, inventory: 16, gateway: 64 };

export class RowWorker {
  readonly #with: RowWorkerOptions;
  #woken: (() => void) | null = null;
  #missed = false;

  constructor(options: RowWorkerOptions) {
    this.#with = options;
    options.over.addEventListener('abort', this.wake, { once: true });
  }

  /** Looks for rows before the next poll. */
  readonly wake = (): void => {
    this.#missed = true;
    this.#woken?.();
  };

  /** Works until the reign is over. */
  async run(): Promise<void> {
    const { over, pollEvery, log } = this.#with;
    for (let failures = 0; !over.aborted; ) {
      try {
        this.#missed = false;
        const claimed = await this.#claim();
        await this.#performAll(claimed);
        failures = 0;
        if (claimed.length === 0 && !this.#missed) await this.#pauseUntilWoken(pollEvery);
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof OutcomeUnknown)) throw error;
        failures += 1;
        log.warn({ err: error }, 'Rows that are due could not be worked on yet.');
        await pause(backoff(failures, 100, 5000), over);
      }
    }
  }

  async #claim(): Promise<readonly ClaimedRow[]> {
    const { work, lease, waits, executor } = this.#with;
    const lanes = [...executor.running.values()];
    const taken = (sort: string) => lanes.filter((lane) => lane.startsWith(`${sort}-`)).length;
    const room = new Map(Object.entries(places).map(([sort, most]) => [sort, Math.max(0, most - taken(sort))]));
    return work.claim(lease, room, waits.claim, [...executor.running.keys()]);
  }

  /**
   * All at once: the events behind them are read beside each other. What is not begun because something is away is given back: a claim
   * that nobody works on would hold its order up until it lapses.
   */
  async #performAll(claimed: readonly ClaimedRow[]): Promise<void> {
    const { work, lease, waits } = this.#with;
    const failures = await Promise.all(
      claimed.map(async (row) => {
        try {
          await this.#perform(row);
          return null;
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
          await work.postpone(lease, row.id, backoff(row.attempts, ...waits.retry), reasonOf(error));
          return error;
        }
      }),
    );
    for (const failure of failures) if (failure !== null) throw failure;
  }

  /** A row that cannot be read is its order's trouble, and nobody else's. */
  async #perform(row: ClaimedRow): Promise<void> {
    const { executor, log, work, lease, waits } = this.#with;
    try {
      const recorded = await this.#read(row.trigger);
      const reaction = this.#reactionOf(row, recorded);
      if (reaction === null) log.warn({ row: row.id, what: row.what }, 'A row asks for something that is not known here.');
      executor.perform(row, row.attempts, recorded, reaction);
    } catch (error) {
      if (error instanceof UnknownEvent || error instanceof Unavailable) throw error;
      const reason = reasonOf(error);
      log.error({ err: error, row: row.id, what: row.what }, `The event behind a row cannot be read: ${reason}`);
      await work.postpone(lease, row.id, backoff(row.attempts, ...waits.retry), reason);
    }
  }

  async #read({ stream, revision }: Trigger): Promise<Recorded<DomainEvent>> {
    for await (const stored of this.#with.store.readStream(stream, { from: revision, limit: 1 })) return decode(stored);
    throw new Corrupt(`${stream} has no event ${revision}, though there is work because of it.`);
  }

  #reactionOf({ kind, lane, what }: ClaimedRow, recorded: Recorded<DomainEvent>): Reaction | null {
    const { timekeeper, reactors } = this.#with;
    if (kind === 'deadline') return timekeeper.due(what, recorded);
    const reactions = reactors.flatMap((reactor) => reactor(recorded));
    return reactions.find((reaction) => reaction.lane === lane && reaction.what === what) ?? null;
  }

  async #pauseUntilWoken(milliseconds: number): Promise<void> {
    const waking = new AbortController();
    this.#woken = () => waking.abort();
    await pause(milliseconds, waking.signal);
    this.#woken = null;
  }
}
