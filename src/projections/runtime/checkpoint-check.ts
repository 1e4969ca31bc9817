// Whether a checkpoint may be gone on from: it has to be of this log and of this version of its reader, and the log has to hold the very
// event that it names.

import type { Checkpoint } from '../../domain/log/checkpoint.js';
import { InfrastructureError } from '../../domain/log/errors.js';
import type { EventStore, StoredEvent } from '../../domain/log/event-store.js';
import { formatPosition } from '../../domain/log/position.js';

/** A reader does not belong to the log it is asked to follow. Nothing is written: connect the right log, or rebuild the reader. */
export class CheckpointRefused extends InfrastructureError {}

/** @throws CheckpointRefused */
export function checkOrigin(
  { name, version, logId }: Checkpoint,
  wanted: { readonly version: number; readonly logId: string },
): void {
  if (logId !== wanted.logId)
    throw new CheckpointRefused(
      `The checkpoint of ${name} is in the log ${logId}, and this is the log ${wanted.logId}: connect the log it was built from, or rebuild it.`,
    );
  if (version !== wanted.version)
    throw new CheckpointRefused(
      `The checkpoint of ${name} was made by version ${version} of it, and this is version ${wanted.version}: rebuild it.`,
    );
}

async function eventAt(store: EventStore, position: bigint): Promise<StoredEvent | null> {
  for await (const event of store.readAll({ from: position, limit: 1 })) return event;
  return null;
}

/** Compares the event that each checkpoint names with what stands there in the log. @throws CheckpointRefused, Unavailable */
export async function checkPlaces(store: EventStore, checkpoints: Iterable<Checkpoint>): Promise<void> {
  const read = new Map<bigint, StoredEvent | null>();
  for (const { name, logId, place } of checkpoints) {
    if (place === null) continue;
    const { position, eventId } = place;
    const event = read.has(position) ? read.get(position) : await eventAt(store, position);
    read.set(position, event ?? null);
    if (event?.position === position && event.id === eventId) continue;
    const found =
      event === null || event === undefined
        ? 'the log ends before that position'
        : `the log has event ${event.id} at ${formatPosition(logId, event.position)}`;
    throw new CheckpointRefused(
      `The checkpoint of ${name} is event ${eventId} at ${formatPosition(logId, position)}, but ${found}: the log was exchanged or set ` +
        'back. Connect the log it was built from, or rebuild it.',
    );
  }
}
