// The life of a projector: stands by for the lease, follows the whole log once for a group of projections, and hands each batch to the
// writer. What cannot be gone on from ends it loudly; what passes is waited for.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { streamPrefixes } from '../../domain/event-catalogue.js';
import type { Checkpoints, LeaseResult } from '../../domain/log/checkpoint.js';
import { decode } from '../../domain/log/codec.js';
import { Fenced } from '../../domain/log/errors.js';
import type { EventStore, StoredEvent } from '../../domain/log/event-store.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { Projection } from '../projection.js';
import { type BatchWriter, batchWriter, type Member, type ProjectionFailure } from './batch-writer.js';
import { checkOrigin, checkPlaces } from './checkpoint-check.js';
import { keepLease, mayPass, takeLease } from './lease.js';
import { Patience } from './patience.js';
import type { ProjectorLog, ReadModelDatabase } from './ports.js';
import type { AdvanceListener } from './progress.js';
import { type BatchLimits, ReadAhead } from './read-ahead.js';

export interface ProjectorOptions {
  readonly store: EventStore;
  readonly logId: string;
  readonly database: ReadModelDatabase;
  readonly checkpoints: Checkpoints;
  /** The group: one lease, one subscription, one transaction a batch, but a checkpoint each. */
  readonly projections: readonly Projection[];
  /** Unique to this start of this process, and telling to an operator. */
  readonly holder: string;
  /** How long the oldest event waits for company when the projector is not behind. Default 10 ms. */
  readonly lingerMs?: number;
  /** The least time between two batches of a projector that is not behind. Default 30 ms. */
  readonly spacingMs?: number;
  /** How long a projector that died keeps others out. Default 5,000 ms. */
  readonly leaseMs?: number;
  readonly log: ProjectorLog;
  /** Is told what the projections have reached. */
  readonly onAdvance: AdvanceListener;
}

export type ProjectorState = 'standing-by' | 'catching-up' | 'live' | 'waiting' | 'stopped';

export interface ProjectorStatus {
  readonly state: ProjectorState;
  /** Who or what is waited for, or why it stopped, in a sentence. */
  readonly detail: string | null;
  readonly projections: readonly {
    readonly name: string;
    readonly version: number;
    /** As far as this process knows; `null` before the first event. */
    readonly position: bigint | null;
    /** A projection that cannot take an event stands still before it while the others go on. */
    readonly stopped: ProjectionFailure | null;
  }[];
}

export interface Projector {
  status(): ProjectorStatus;
  /** Fulfils when the projector has ended: with `null` after `stop`, else with what made it give up. */
  readonly ended: Promise<unknown>;
  /** Finishes the batch in hand and gives back the lease. */
  stop(): Promise<void>;
}

type Acquired = Extract<LeaseResult, { outcome: 'acquired' }>;

const limits = { maxEvents: 500, maxBytes: 1_000_000 };

/** Decodes up to the first event that cannot be. */
function decodeAll(events: readonly StoredEvent[]): {
  batch: readonly Recorded<DomainEvent>[];
  failure: { error: unknown } | null;
} {
  const batch: Recorded<DomainEvent>[] = [];
  for (const stored of events) {
    try {
      batch.push(decode(stored));
    } catch (error) {
      return { batch, failure: { error } };
    }
  }
  return { batch, failure: null };
}

/** Starts at once, in the background. */
export function startProjector(options: ProjectorOptions): Projector {
  const { store, logId, database, checkpoints, projections, holder, leaseMs = 5_000, log, onAdvance } = options;
  const batchLimits: BatchLimits = { ...limits, lingerMs: options.lingerMs ?? 10, spacingMs: options.spacingMs ?? 30 };
  const names = projections.map(({ name }) => name).join(', ');
  const stopping = new AbortController();
  const members: readonly Member[] = projections.map((projection) => ({ projection, position: null, failure: null }));
  let state: ProjectorState = 'standing-by';
  let detail: string | null = null;

  function become(next: ProjectorState, why: string | null = null): void {
    if (next === state && why === detail) return;
    const recovered = state === 'waiting' && next !== 'waiting';
    state = next;
    detail = why;
    if (next === 'waiting') log.warn({ projections: names }, `The projector waits: ${why}`);
    else if (recovered || next === 'standing-by')
      log.info({ projections: names }, `The projector is ${next}${why === null ? '.' : `: ${why}`}`);
  }

  /** Tries until it works; gives up with the signal's reason. */
  async function persist<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    const patience = new Patience();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!mayPass(error)) throw error;
        become('waiting', error.message);
        await patience.wait(signal);
        signal.throwIfAborted();
      }
    }
  }

  /** After a failure nobody knows what was committed: the checkpoints do. */
  async function write(writer: BatchWriter, batch: readonly Recorded<DomainEvent>[], signal: AbortSignal): Promise<void> {
    let unsure = false;
    await persist(signal, async () => {
      if (unsure) await writer.refresh();
      unsure = true;
      await writer.write(batch);
    });
  }

  const active = () => members.filter(({ failure }) => failure === null);

  /** Where the projection stands that is furthest behind; `null`: at the log's start. */
  function lowest(): bigint | null {
    const positions = active().map(({ position }) => position ?? -1n);
    const low = positions.reduce((low, position) => (position < low ? position : low), positions[0] ?? -1n);
    return low < 0n ? null : low;
  }

  /** One subscription, until it ends. @throws what ended it */
  async function follow(writer: BatchWriter, signal: AbortSignal, onDelivered: () => void): Promise<never> {
    const over = new AbortController();
    const ahead = new ReadAhead(batchLimits, () => become('live'));
    const after = lowest();
    const source = store.follow({ streamPrefixes, signal: over.signal, ...(after === null ? {} : { after }) });
    const close = () => ahead.close(signal.reason);
    signal.addEventListener('abort', close);
    const filling = ahead.fill(source);
    try {
      for (;;) {
        signal.throwIfAborted();
        const { batch, failure } = decodeAll(await ahead.next());
        onDelivered();
        await write(writer, batch, signal);
        if (failure !== null) throw failure.error;
        if (active().length === 0) throw new Error(`All read models of the group (${names}) have stopped.`);
        if (state === 'waiting') become('catching-up');
      }
    } finally {
      signal.removeEventListener('abort', close);
      ahead.close(new Error('The subscription is over.'));
      over.abort(new Error('The projector has turned away from its subscription.'));
      await filling;
    }
  }

  /** Follows the log under the lease, again and again. @throws Fenced, or what cannot be gone on from */
  async function serve({ lease, checkpoints: found }: Acquired, signal: AbortSignal): Promise<void> {
    for (const { name, version } of projections) {
      const checkpoint = found.get(name);
      if (checkpoint !== undefined) checkOrigin(checkpoint, { version, logId });
    }
    for (const member of members) member.failure = null;
    const writer = batchWriter({ database, checkpoints, lease, logId, members, onAdvance, log });
    const patience = new Patience();
    while (!signal.aborted) {
      become('catching-up');
      await persist(signal, async () => checkPlaces(store, (await writer.refresh()).values()));
      try {
        await follow(writer, signal, () => patience.reset());
      } catch (error) {
        if (signal.aborted || !mayPass(error)) throw error;
        become('waiting', error.message);
        await patience.wait(signal);
      }
    }
  }

  async function run(): Promise<void> {
    const readers = projections.map(({ name, version }) => ({ name, version }));
    const request = { readers, logId, holder, ttlMs: leaseMs };
    for (;;) {
      const onWaiting = (why: string) => become('standing-by', why);
      const acquired = await takeLease({ checkpoints, request, signal: stopping.signal, onWaiting });
      if (acquired === null) return;
      log.info({ projections: names, epoch: String(acquired.lease.epoch) }, 'The projector has the lease.');
      const lost = new AbortController();
      const onLost = () => lost.abort(new Fenced(`The lease of ${names} was taken over by another process.`));
      const kept = keepLease(checkpoints, acquired.lease, { ttlMs: leaseMs, onLost, log });
      let fenced = false;
      try {
        await serve(acquired, AbortSignal.any([stopping.signal, lost.signal]));
      } catch (error) {
        fenced = error instanceof Fenced;
        if (!fenced && !stopping.signal.aborted) throw error;
        if (fenced) become('standing-by', error instanceof Error ? error.message : null);
      } finally {
        await kept.end({ letGo: !fenced });
      }
    }
  }

  const ended = run().then(
    () => {
      become('stopped');
      return null;
    },
    (error: unknown) => {
      become('stopped', error instanceof Error ? error.message : String(error));
      log.error({ err: error, projections: names }, `The projector has stopped: ${detail}`);
      return error;
    },
  );

  return {
    status: () => ({
      state,
      detail,
      projections: members.map(({ projection: { name, version }, position, failure }) => ({
        name,
        version,
        position,
        stopped: failure,
      })),
    }),
    ended,
    stop: async () => {
      stopping.abort(new Error('The projector is being stopped.'));
      await ended;
    },
  };
}
