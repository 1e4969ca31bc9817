// What the frames of a segment hold, as columns: all that an index wants to know of them, in a form that is handed to another thread for
// nothing.

import { EVENT_HEADER, eventLengthAt, FRAME_HEADER, type FrameHeader, KIND_TOMBSTONE } from './frame.js';
import { type ScanEnd, scanFrames } from './frame-scan.js';
import { Bytes, Words } from './growing.js';
import { createRuns, type Runs } from './runs.js';
import type { Segment } from './segment-file.js';
import { METADATA_PREFIX } from './stream-limits.js';
import { hashOf, type NameColumns } from './stream-names.js';

export interface FrameColumns {
  /** Of each frame: its stream's name, the revision of its first event, and how many events it has. */
  readonly names: NameColumns;
  readonly revisions: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  /** Of each event: its position from the segment's. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The frames that are tombstones. */
  readonly tombstones: readonly number[];
  /** Of each frame of a metadata stream its last event, which is the one that counts. */
  readonly metadata: readonly { readonly frame: number; readonly stored: Uint8Array }[];
}

/** Where a segment's frames end, and where they stand if a scavenge wrote it. */
export interface ScannedSegment {
  readonly end: ScanEnd;
  readonly runs: Runs | undefined;
}

/** Gives out what a segment holds, a few megabytes of it at a time, until the first frame that is not intact. Waits for who takes it. */
export async function scanColumns(
  segment: Segment,
  give: (frames: FrameColumns) => Promise<void> | undefined,
): Promise<ScannedSegment> {
  const runs = segment.generation === 0 ? undefined : createRuns();
  const gathering = createGathering(segment.base);
  const end = await scanFrames(
    segment,
    (bytes, at, header, offset) => {
      gathering.add(bytes, at, header);
      runs?.add(header.position, header.position + header.length, offset);
    },
    { pause: () => give(gathering.take()) },
  );
  await give(gathering.take());
  return { end, runs };
}

interface Gathering {
  add(bytes: Buffer, start: number, header: FrameHeader): void;
  take(): FrameColumns;
}

const metadataPrefix = Buffer.from(METADATA_PREFIX);

function createGathering(base: number): Gathering {
  const [hashes, lengths, revisions, counts, offsets] = [new Words(), new Words(), new Words(), new Words(), new Words()];
  const names = new Bytes();
  let tombstones: number[] = [];
  let metadata: FrameColumns['metadata'][number][] = [];

  return {
    add(bytes, start, header) {
      const nameAt = start + FRAME_HEADER;
      const nameEnd = nameAt + header.nameLength;
      const frame = hashes.length;
      hashes.push(hashOf(bytes, nameAt, nameEnd));
      lengths.push(header.nameLength);
      names.push(bytes, nameAt, nameEnd);
      revisions.push(header.revision);
      counts.push(header.events);
      let at = nameEnd;
      let last = at;
      for (let i = 0; i < header.events; i++) {
        last = at;
        offsets.push(header.position - base + at - start);
        at += EVENT_HEADER + eventLengthAt(bytes, at);
      }
      if (header.kind === KIND_TOMBSTONE) tombstones.push(frame);
      if (isMetadata(bytes, nameAt, nameEnd))
        metadata.push({ frame, stored: Uint8Array.prototype.slice.call(bytes, last + EVENT_HEADER, at) });
    },
    take() {
      const taken = {
        names: { hashes: hashes.take(), lengths: new Uint16Array(lengths.take()), bytes: names.take() },
        revisions: revisions.take(),
        counts: counts.take(),
        offsets: offsets.take(),
        tombstones,
        metadata,
      };
      tombstones = [];
      metadata = [];
      return taken;
    },
  };
}

function isMetadata(bytes: Buffer, from: number, to: number): boolean {
  for (let i = 0; i < metadataPrefix.length; i++) if (bytes[from + i] !== metadataPrefix[i]) return false;
  return to - from >= metadataPrefix.length;
}
