// What writers know of their streams, and the comparison of it with the log as a restarted node shows it.

import { type EventStoreDBClient, START } from '@eventstore/db-client';
import { z } from 'zod';

/** Counts of what must not be. */
export interface Findings {
  /** Acknowledged events that are not there. */
  readonly lost: number;
  /** Revisions that are missing in the middle of a stream, or not what was written. */
  readonly gaps: number;
  /** Appends of which only a part is there. */
  readonly halfBatches: number;
  /** Positions that do not grow. */
  readonly disorder: number;
  /** Acknowledged positions that have changed. */
  readonly moved: number;
}

export interface Ledger {
  /** The revision of the stream's next event. */
  nextOf(stream: string): number;
  /** So many events are on their way. */
  pending(stream: string, count: number): void;
  /** They are durable; the last one stands at this position. */
  acknowledged(stream: string, position: bigint | undefined): void;
  /** From now on the stream keeps no more than so many. */
  limited(stream: string, maxCount: number): void;
  /** Reads the whole log, counts what is wrong with it, and takes over what turned out to have been written. */
  verify(client: EventStoreDBClient): Promise<void>;
}

interface Known {
  next: number;
  pending: number;
  maxCount: number | undefined;
  /** The last acknowledged revision and its position. */
  place: { readonly revision: number; readonly position: bigint } | undefined;
}

const counted = z.object({ revision: z.int(), first: z.int(), count: z.int() });

/** Knows of no streams. Adds to these findings. */
export function createLedger(found: { -readonly [Finding in keyof Findings]: number }): Ledger {
  const streams = new Map<string, Known>();

  function known(stream: string): Known {
    const entry = streams.get(stream) ?? { next: 0, pending: 0, maxCount: undefined, place: undefined };
    streams.set(stream, entry);
    return entry;
  }

  function compare(entry: Known, read: readonly (z.infer<typeof counted> & { readonly position: bigint })[]): void {
    const first = read[0];
    const last = read.at(-1);
    const end = last === undefined ? 0 : last.revision + 1;
    if (end < entry.next) found.lost += entry.next - end;
    if (end > entry.next && end !== entry.next + entry.pending) found.halfBatches += 1;
    for (const [i, event] of read.entries()) if (event.revision !== (first?.revision ?? 0) + i) found.gaps += 1;
    // A scavenge removes what the stream no longer keeps, and the limit counts from the end as it was then.
    const mustKeepFrom = entry.maxCount === undefined ? 0 : Math.max(0, end - entry.maxCount);
    if (first !== undefined && first.revision > mustKeepFrom) found.lost += first.revision - mustKeepFrom;
    if (last !== undefined && last.first + last.count !== end) found.halfBatches += 1;
    const place = read.find(({ revision }) => revision === entry.place?.revision);
    if (place !== undefined && place.position !== entry.place?.position) found.moved += 1;
    entry.next = end;
    entry.pending = 0;
  }

  return {
    nextOf: (stream) => known(stream).next,
    pending(stream, count) {
      known(stream).pending = count;
    },
    acknowledged(stream, position) {
      const entry = known(stream);
      entry.next += entry.pending;
      entry.pending = 0;
      if (position !== undefined) entry.place = { revision: entry.next - 1, position };
    },
    limited(stream, maxCount) {
      // Metadata that may not have been written counts as if it had: the smallest number ever asked for may have been applied.
      const entry = known(stream);
      entry.maxCount = Math.min(maxCount, entry.maxCount ?? maxCount);
    },
    async verify(client) {
      const read = new Map<string, (z.infer<typeof counted> & { readonly position: bigint })[]>();
      let before = -1n;
      for await (const { event } of client.readAll({ fromPosition: START })) {
        if (event === undefined) continue;
        const position = event.position.commit;
        if (position <= before) found.disorder += 1;
        before = position;
        if (event.streamId.startsWith('$')) continue;
        const data = counted.parse(event.data);
        if (BigInt(data.revision) !== event.revision) found.gaps += 1;
        const list = read.get(event.streamId) ?? [];
        list.push({ ...data, position });
        read.set(event.streamId, list);
      }
      for (const [stream, entry] of streams) compare(entry, read.get(stream) ?? []);
    },
  };
}
