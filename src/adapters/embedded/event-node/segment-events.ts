// The events of one segment as columns, in their order: what its index file says of them, and what the index takes over at a start. They
// come from the file, from the frames themselves, or from the index of a node that runs.

import type { FrameColumns } from './frame-columns.js';
import type { Journal } from './journal.js';
import type { IndexPart, LogIndex } from './log-index.js';
import { readStored } from './stored-event.js';
import { parseLimits, type StreamLimits } from './stream-limits.js';
import type { NameColumns } from './stream-names.js';

export interface SegmentEvents {
  /** Of each event: its position from the segment's, the number of its stream, and its revision. */
  readonly offsets: Uint32Array;
  readonly streams: Uint32Array;
  readonly revisions: Uint32Array;
  /** Streams whose tombstone is here. */
  readonly tombstones: readonly number[];
  /** What streams keep, as metadata that is here says. */
  readonly limits: ReadonlyMap<number, StreamLimits | undefined>;
}

/** Gathers a segment's events from its frames; names that are new become known to the index. */
export interface EventGathering {
  add(frames: FrameColumns): undefined;
  all(): SegmentEvents;
}

/** Begins with none. */
export function gatherEvents(index: LogIndex): EventGathering {
  const { names } = index;
  const offsets: Uint32Array[] = [];
  const streams: Uint32Array[] = [];
  const revisions: Uint32Array[] = [];
  const tombstones: number[] = [];
  const limits = new Map<number, StreamLimits | undefined>();

  /** The streams of these names, some of which may be new. */
  function numbersOf(columns: NameColumns): Int32Array {
    const numbers = names.findAll(columns);
    const bytes = Buffer.from(columns.bytes.buffer, columns.bytes.byteOffset, columns.bytes.length);
    for (let i = 0, from = 0; i < numbers.length; i++) {
      const to = from + (columns.lengths[i] ?? 0);
      if ((numbers[i] ?? -1) < 0) numbers[i] = index.ensure(bytes.subarray(from, to)).number;
      from = to;
    }
    return numbers;
  }

  return {
    add(frames) {
      const numbers = numbersOf(frames.names);
      const eventStreams = new Uint32Array(frames.offsets.length);
      const eventRevisions = new Uint32Array(frames.offsets.length);
      let at = 0;
      for (let frame = 0; frame < numbers.length; frame++) {
        const revision = frames.revisions[frame] ?? 0;
        const end = at + (frames.counts[frame] ?? 0);
        for (let i = 0; at < end; at++, i++) {
          eventStreams[at] = numbers[frame] ?? 0;
          eventRevisions[at] = revision + i;
        }
      }
      offsets.push(frames.offsets);
      streams.push(eventStreams);
      revisions.push(eventRevisions);
      for (const frame of frames.tombstones) tombstones.push(numbers[frame] ?? 0);
      for (const { frame, stored } of frames.metadata) {
        const described = index.describedBy(numbers[frame] ?? 0);
        if (described >= 0) limits.set(described, parseLimits(readStored(Buffer.from(stored)).data));
      }
    },
    all: () => ({ offsets: joined(offsets), streams: joined(streams), revisions: joined(revisions), tombstones, limits }),
  };
}

function joined(pieces: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Events looked at in one turn of the event loop: those who append should not notice. */
const AT_ONCE = 10_000;
const LOADED_AT_ONCE = 500;
const nothing = Buffer.alloc(0);

/** The events of a complete segment as the index has them, but for those that a scavenge is about to remove. */
export async function eventsOfPart(
  { index, load }: Journal,
  { mark, ordinalEnd }: IndexPart,
  isRemoved: (stream: number, ordinal: number) => boolean = () => false,
): Promise<SegmentEvents> {
  const room = ordinalEnd - mark.ordinal;
  const [offsets, streams, revisions] = [new Uint32Array(room), new Uint32Array(room), new Uint32Array(room)];
  const tombstones: number[] = [];
  /** Of each stream that metadata is here of, the last. */
  const metadata = new Map<number, number>();
  let count = 0;
  for (let ordinal = mark.ordinal; ordinal < ordinalEnd; ordinal++) {
    if (ordinal % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const stream = index.streamNumberOf(ordinal);
    if (stream < 0 || isRemoved(stream, ordinal)) continue;
    const revision = index.revisionOf(ordinal);
    offsets[count] = index.positionOf(ordinal) - mark.base;
    streams[count] = stream;
    revisions[count] = revision;
    count += 1;
    const described = index.isMetadata(stream) ? index.describedBy(stream) : -1;
    if (described >= 0) metadata.set(described, ordinal);
    if (index.tombstones().has(stream) && revision === index.entryOf(stream).next - 1) tombstones.push(stream);
  }
  return {
    offsets: offsets.subarray(0, count),
    streams: streams.subarray(0, count),
    revisions: revisions.subarray(0, count),
    tombstones,
    limits: await limitsIn(metadata, load),
  };
}

/** What this metadata says: what the index knows may be said by a later segment. */
async function limitsIn(
  metadata: ReadonlyMap<number, number>,
  load: Journal['load'],
): Promise<Map<number, StreamLimits | undefined>> {
  const limits = new Map<number, StreamLimits | undefined>();
  const entries = [...metadata].toSorted(([, one], [, other]) => one - other);
  for (let from = 0; from < entries.length; from += LOADED_AT_ONCE) {
    const slice = entries.slice(from, from + LOADED_AT_ONCE);
    const stored = await load(slice.map(([, ordinal]) => ordinal));
    for (const [i, [described]] of slice.entries()) limits.set(described, parseLimits(readStored(stored[i] ?? nothing).data));
  }
  return limits;
}
