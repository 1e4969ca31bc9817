// Writes a batch of events into a group of read models: all rows and all checkpoints in one transaction behind one fence. A projection
// that cannot take an event is found and stopped; the others go on.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import type { Checkpoint, Checkpoints, Lease } from '../../domain/log/checkpoint.js';
import { InfrastructureError } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import type { Projection } from '../projection.js';
import { sqlOf } from '../sql.js';
import { announcement, checkpointChannel } from './announcement.js';
import type { ProjectorLog, ReadModelDatabase } from './ports.js';

type AnyEvent = Recorded<DomainEvent>;
type Batch = readonly AnyEvent[];

/** Why a projection stands still, and before which event. */
export interface ProjectionFailure {
  readonly event: {
    readonly type: string;
    readonly stream: string;
    readonly revision: number;
    readonly position: bigint;
    readonly id: string;
  };
  readonly error: unknown;
}

/** A projection of the group and how far it has come. */
export interface Member {
  readonly projection: Projection;
  /** `null`: nothing yet. */
  position: bigint | null;
  failure: ProjectionFailure | null;
}

export interface BatchWriterOptions {
  readonly database: ReadModelDatabase;
  readonly checkpoints: Checkpoints;
  readonly lease: Lease;
  readonly logId: string;
  readonly members: readonly Member[];
  readonly onAdvance: (names: readonly string[], position: bigint) => void;
  readonly log: ProjectorLog;
}

export interface BatchWriter {
  /**
   * Writes the events, in log order, into every projection that has neither passed them nor stopped. May be called again with the same
   * batch: what was written is left out.
   * @throws Fenced another process took over: stand down; Unavailable, OutcomeUnknown call `refresh`, then write the same again.
   */
  write(batch: Batch): Promise<void>;
  /** Learns from the database how far each projection has come. @throws Unavailable */
  refresh(): Promise<ReadonlyMap<string, Checkpoint>>;
}

const announce = { name: 'projections.announce', text: 'SELECT pg_notify($1, $2)' };

const isBehind = ({ position, failure }: Member, to: bigint) => failure === null && (position === null || position < to);

function changesOf({ projection, position }: Member, batch: Batch): readonly unknown[] {
  const changes: unknown[] = [];
  for (const recorded of batch) {
    if (position !== null && recorded.position <= position) continue;
    for (const change of projection.project(recorded)) changes.push(change);
  }
  return changes;
}

export function batchWriter({ database, checkpoints, lease, logId, members, onAdvance, log }: BatchWriterOptions): BatchWriter {
  async function together(wanted: readonly Member[], batch: Batch): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const behind = wanted.filter((member) => isBehind(member, last.position));
    if (behind.length === 0) return;
    const names = behind.map(({ projection }) => projection.name);
    const from = new Map(behind.map(({ projection, position }) => [projection.name, position]));
    const planned = behind.map((member) => ({ projection: member.projection, changes: changesOf(member, batch) }));
    await database.transaction(async (tx) => {
      const sql = sqlOf(tx, logId);
      // Sent together, the fence first. If one fails the others are waited for all the same: a statement that came after the rollback
      // would be a transaction of its own.
      const sent = await Promise.allSettled([
        checkpoints.advance(tx, { names, epoch: lease.epoch }, from, { position: last.position, eventId: last.id }),
        ...planned.map(({ projection, changes }) => (changes.length > 0 ? projection.write(sql, changes) : undefined)),
        tx.query(announce, [checkpointChannel, announcement(names, last.position)]),
      ]);
      for (const one of sent) if (one.status === 'rejected') throw one.reason;
    });
    for (const member of behind) member.position = last.position;
    onAdvance(names, last.position);
  }

  /** Event by event, so that what comes before the poison is written, and its place is known. */
  async function oneByOne(member: Member, batch: Batch): Promise<void> {
    for (const recorded of batch) {
      try {
        await together([member], [recorded]);
      } catch (error) {
        if (error instanceof InfrastructureError) throw error;
        stop(member, recorded, error);
        return;
      }
    }
  }

  function stop(member: Member, { event: { type }, stream, revision, position, id }: AnyEvent, error: unknown): void {
    member.failure = { event: { type, stream, revision, position, id }, error };
    log.error(
      { err: error, projection: member.projection.name, stream, revision, position: String(position) },
      `The read model ${member.projection.name} stopped before ${type} at ${stream}@${revision}: it cannot take that event. ` +
        'Nothing is lost: it goes on from there once the cause is mended and the projector started again.',
    );
  }

  async function apart(batch: Batch): Promise<void> {
    for (const member of members) {
      try {
        await together([member], batch);
      } catch (error) {
        if (error instanceof InfrastructureError) throw error;
        await oneByOne(member, batch);
      }
    }
  }

  return {
    write: async (batch) => {
      try {
        await together(members, batch);
      } catch (error) {
        if (error instanceof InfrastructureError) throw error;
        await apart(batch);
      }
    },
    refresh: async () => {
      const found = await checkpoints.read(lease.names);
      for (const member of members) {
        const position = found.get(member.projection.name)?.place?.position ?? null;
        if (position !== null && position !== member.position) onAdvance([member.projection.name], position);
        member.position = position;
      }
      return found;
    },
  };
}
