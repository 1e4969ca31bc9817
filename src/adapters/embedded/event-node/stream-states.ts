// What a stream is to those who decide about it: everything that has been placed counts, durable or not, so that decisions made in one
// turn of the event loop build on each other. Readers see less.

import { randomUUID } from 'node:crypto';
import type { Journal } from './journal.js';
import type { StreamEntry } from './log-index.js';
import type { ProposedEvent } from './proposal.js';
import { readStored } from './stored-event.js';
import {
  describedBy,
  isSoftDeleted,
  metadataStreamOf,
  parseLimits,
  type StreamLimits,
  withTruncateBefore,
} from './stream-limits.js';

export interface StreamState {
  readonly entry: StreamEntry | undefined;
  /** The revision of the last event; -1 if there never was one. */
  readonly current: number;
  readonly tombstoned: boolean;
  readonly softDeleted: boolean;
}

export interface StreamStates {
  of(stream: string, name: Buffer | string): StreamState;
  /** Whether the stream, at this revision, or its metadata stream was ever written. */
  exists(stream: string, current: number): boolean;
  /** Places events at the stream's end. Metadata among them counts from now on. */
  place(name: Buffer, events: readonly ProposedEvent[]): StreamEntry;
  /** The metadata that brings a soft-deleted stream back: as it is, but it truncates before the next revision. A promise: ask again then. */
  revival(stream: string): ProposedEvent | Promise<void>;
}

/** Streams as this journal's writers see them. */
export function createStreamStates(journal: Journal): StreamStates {
  const { index } = journal;
  /** The metadata, by the stream it describes, that no reader sees yet. */
  const placed = new Map<string, { readonly limits: StreamLimits | undefined; readonly data: Buffer }>();
  /** Metadata that had to be fetched from the medium, and the revision of its event. */
  const fetched = new Map<string, { readonly revision: number; readonly data: Buffer }>();

  const isTombstoned = (stream: string, entry: StreamEntry | undefined): boolean => {
    if (entry !== undefined && entry.tombstone !== 'none') return true;
    const described = describedBy(stream);
    const original = described === undefined ? undefined : index.find(described);
    return original !== undefined && original.tombstone !== 'none';
  };

  function notePlaced(stream: string, data: Buffer): void {
    const entry = { limits: parseLimits(data), data };
    placed.set(stream, entry);
    journal.whenSettled(() => {
      if (placed.get(stream) === entry) placed.delete(stream);
    });
  }

  /** The data of a stream's last metadata event. */
  function metadataOf(stream: string): Buffer | Promise<void> {
    const waiting = placed.get(stream);
    if (waiting !== undefined) return waiting.data;
    const entry = index.find(metadataStreamOf(stream));
    const revision = (entry?.next ?? 0) - 1;
    const known = fetched.get(stream);
    fetched.delete(stream);
    if (entry === undefined || revision < 0) return Buffer.from('{}');
    if (known?.revision === revision) return known.data;
    const loaded = journal.load([entry.ordinalAt(revision)]);
    const dataOf = ([stored]: readonly Buffer[]): Buffer => (stored === undefined ? Buffer.from('{}') : readStored(stored).data);
    if (Array.isArray(loaded)) return dataOf(loaded);
    return loaded.then((events) => void fetched.set(stream, { revision, data: dataOf(events) }));
  }

  return {
    of(stream, name) {
      const entry = index.find(name);
      const limits = placed.size > 0 && placed.has(stream) ? placed.get(stream)?.limits : entry?.limits;
      return {
        entry,
        current: (entry?.next ?? 0) - 1,
        tombstoned: isTombstoned(stream, entry),
        softDeleted: isSoftDeleted(limits) && describedBy(stream) === undefined,
      };
    },
    exists: (stream, current) => current >= 0 || (index.find(metadataStreamOf(stream))?.next ?? 0) > 0,
    place(name, events) {
      const entry = journal.append(name, events);
      const last = events.at(-1);
      if (last !== undefined && index.isMetadata(entry.number)) notePlaced(describedBy(entry.name) ?? '', last.data);
      return entry;
    },
    revival(stream) {
      const data = metadataOf(stream);
      if (data instanceof Promise) return data;
      return metadataEvent(withTruncateBefore(data, index.find(stream)?.next ?? 0));
    },
  };
}

/** An event for a metadata stream. */
export const metadataEvent = (data: Buffer): ProposedEvent => ({
  id: randomUUID(),
  type: Buffer.from('$metadata'),
  json: true,
  metadata: Buffer.alloc(0),
  data,
});
