// What the frames of a segment hold, as columns: all that an index wants to know of them, in a form that is handed to another thread for
// nothing.

import { EVENT_HEADER, eventLengthAt, FRAME_HEADER, type FrameHeader, KIND_TOMBSTONE } from './frame.js';
import { type ScanEnd, scanFrames } from './frame-scan.js';
import { createRuns, type Runs } from './runs.js';
import type { Segment } from './segment-file.js';
import { METADATA_PREFIX } from './stream-limits.js';
import { hashOf } from './stream-names.js';

export interface FrameColumns {
  /** Of each frame: the hash of its stream's name, the bytes of the name, the revision of its first event, and its number of events. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly nameLengths: Uint16Array<ArrayBuffer>;
  readonly revisions: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  /** The names, one behind the other. */
  readonly names: Uint8Array<ArrayBuffer>;
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

/** Gives out what a segment holds, a few megabytes of it at a time, until the first frame that is not intact. */
export async function scanColumns(
  segment: Segment,
  give: (frames: FrameColumns) => Promise<void> | undefined,
): Promise<ScannedSegment> {
  const runs = segment.generation === 0 ? undefined : createRuns();
  let gathered = createGathering(segment.base);
  const giveGathered = (): Promise<void> | undefined => {
    const frames = gathered.columns();
    gathered = createGathering(segment.base);
    return give(frames);
  };
  const end = await scanFrames(
    segment,
    (bytes, at, header, offset) => {
      gathered.add(bytes, at, header);
      runs?.add(header.position, header.position + header.length, offset);
    },
    giveGathered,
  );
  await giveGathered();
  return { end, runs };
}

interface Gathering {
  add(bytes: Buffer, start: number, header: FrameHeader): void;
  columns(): FrameColumns;
}

const FIRST_NAME_BYTES = 256 * 1024;
const metadataPrefix = Buffer.from(METADATA_PREFIX);

function createGathering(base: number): Gathering {
  const hashes: number[] = [];
  const nameLengths: number[] = [];
  const revisions: number[] = [];
  const counts: number[] = [];
  const offsets: number[] = [];
  const tombstones: number[] = [];
  const metadata: { frame: number; stored: Uint8Array }[] = [];
  let names = Buffer.allocUnsafeSlow(FIRST_NAME_BYTES);
  let nameBytes = 0;

  function addName(bytes: Buffer, from: number, to: number): void {
    if (nameBytes + to - from > names.length) names = Buffer.concat([names], Math.max(names.length * 2, nameBytes + to - from));
    // Names are short: a call out of JavaScript costs more than the copy.
    for (let at = from; at < to; at++) names[nameBytes++] = bytes[at] ?? 0;
  }

  return {
    add(bytes, start, header) {
      const nameAt = start + FRAME_HEADER;
      const nameEnd = nameAt + header.nameLength;
      const frame = hashes.length;
      hashes.push(hashOf(bytes, nameAt, nameEnd));
      nameLengths.push(header.nameLength);
      revisions.push(header.revision);
      counts.push(header.events);
      addName(bytes, nameAt, nameEnd);
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
    columns: () => ({
      hashes: new Uint32Array(hashes),
      nameLengths: new Uint16Array(nameLengths),
      revisions: new Uint32Array(revisions),
      counts: new Uint32Array(counts),
      names: new Uint8Array(names.buffer, 0, nameBytes),
      offsets: new Uint32Array(offsets),
      tombstones,
      metadata,
    }),
  };
}

function isMetadata(bytes: Buffer, from: number, to: number): boolean {
  for (let i = 0; i < metadataPrefix.length; i++) if (bytes[from + i] !== metadataPrefix[i]) return false;
  return to - from >= metadataPrefix.length;
}
