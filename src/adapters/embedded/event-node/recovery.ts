// What a node does with the segments that it finds: fills the index, from index files or from the frames themselves, cuts a torn tail, and
// refuses damage.

import { rm } from 'node:fs/promises';
import { Corrupt } from '../../../domain/log/errors.js';
import { EVENT_HEADER, eventLengthAt, FRAME_HEADER, type FrameHeader, frameAt, isIntact, KIND_TOMBSTONE } from './frame.js';
import { type ScanEnd, scanFrames } from './frame-scan.js';
import { loadIndexFile } from './index-file.js';
import type { LogIndex } from './log-index.js';
import { createRuns } from './runs.js';
import { createSegment, listSegments, openSegment, readFully, SEGMENT_HEADER, type Segment, syncFolder } from './segment-file.js';

export interface Recovered {
  readonly segments: Segment[];
  /** Where the log ends. */
  readonly position: number;
  /** Complete segments that have no index file, or none that is right. */
  readonly withoutIndexFile: readonly Segment[];
  /** Segments whose frames have not been looked at, because an index file said what is in them. */
  readonly unverified: readonly Segment[];
}

export interface RecoveryOptions {
  /** Is shown every metadata event. */
  readonly metadata: (ordinal: number, stored: Buffer) => void;
  readonly log: (line: string) => void;
  /** A log of up to this many bytes is read whole, index files or not: that takes no longer than a moment, and finds all damage. */
  readonly readWholeBytes: number;
}

/**
 * Opens the folder's segments and places every event in the index. What it answers is durable.
 * @throws Corrupt if something that was once acknowledged can no longer be read
 */
export async function recover(folder: string, index: LogIndex, options: RecoveryOptions): Promise<Recovered> {
  const { log, readWholeBytes } = options;
  const segments: Segment[] = [];
  const withoutIndexFile: Segment[] = [];
  const unverified: Segment[] = [];
  try {
    const names = await listSegments(folder);
    const sizes: number[] = [];
    for (const name of names) {
      const segment = await openSegment(folder, name);
      segments.push(segment);
      sizes.push((await segment.file.stat()).size);
    }
    const isSmall = sizes.reduce((sum, size) => sum + size, 0) <= readWholeBytes;
    const scratch = { bytes: Buffer.alloc(0) };
    let position = 0;
    for (const [i, segment] of [...segments.entries()]) {
      const { base, path } = segment;
      if (base !== position) throw new Corrupt(`${path} should begin at position ${position}: a part of the log is missing.`);
      const isLast = i === segments.length - 1;
      const size = sizes[i] ?? 0;
      if (size < segment.header) {
        if (!isLast || segment.generation > 0) throw new Corrupt(`${path} has no header.`);
        await replaceEmpty(folder, segments, log);
        index.beginSegment(base);
      } else if (!isLast && !isSmall && (await loadIndexFile(folder, index, segment, scratch))) {
        unverified.push(segment);
        position = segment.end ?? base + size - SEGMENT_HEADER;
      } else {
        const end = await placeFrames(segment, index, options.metadata);
        if (end.offset < end.size) {
          if (!isLast || segment.generation > 0) throw damaged(segment, end.position, 'other segments follow it', folder);
          await cutTornTail(segment, end, folder, log);
        }
        position = segment.end ?? end.position;
        if (!isLast) withoutIndexFile.push(segment);
      }
    }
    if (segments.at(-1)?.generation !== 0) {
      segments.push(await createSegment(folder, position));
      index.beginSegment(position);
    }
    index.finishLoading();
    index.publish(index.length);
    await segments.at(-1)?.file.datasync();
    await syncFolder(folder);
    return { segments, position, withoutIndexFile, unverified };
  } catch (error) {
    await Promise.all(segments.map((segment) => segment.file.close()));
    throw error;
  }
}

/** A segment that was being created when the node stopped holds nothing yet. */
async function replaceEmpty(folder: string, segments: Segment[], log: (line: string) => void): Promise<void> {
  const torn = segments.pop();
  if (torn === undefined) return;
  await torn.file.close();
  await rm(torn.path);
  segments.push(await createSegment(folder, torn.base));
  log(`${torn.path} was cut short while it was being created; nothing had been written to it, and it has been created again.`);
}

async function placeFrames(segment: Segment, index: LogIndex, metadata: RecoveryOptions['metadata']): Promise<ScanEnd> {
  index.beginSegment(segment.base);
  const runs = segment.generation === 0 ? undefined : createRuns();
  segment.runs = runs;
  return scanFrames(segment, (bytes, at, header, offset) => {
    runs?.add(header.position, header.position + header.length, offset);
    place(bytes, at, header, index, metadata);
  });
}

function place(bytes: Buffer, start: number, header: FrameHeader, index: LogIndex, metadata: RecoveryOptions['metadata']): void {
  const { names } = index;
  const nameEnd = start + FRAME_HEADER + header.nameLength;
  let stream = names.find(bytes, start + FRAME_HEADER, nameEnd);
  if (stream < 0) stream = index.ensure(bytes.subarray(start + FRAME_HEADER, nameEnd)).number;
  const next = index.nextOf(stream);
  // The first frame of a stream that is left begins where a scavenge has cut it.
  if (next !== header.revision && next !== 0)
    throw new Corrupt(
      `The frame at position ${header.position} begins at revision ${header.revision} of ${names.nameOf(stream)}, which is at ${next - 1}.`,
    );
  const isMetadata = index.isMetadata(stream);
  let at = nameEnd;
  for (let i = 0; i < header.events; i++) {
    const length = eventLengthAt(bytes, at);
    const ordinal = index.load(stream, header.revision + i, header.position + at - start);
    at += EVENT_HEADER + length;
    if (isMetadata) metadata(ordinal, bytes.subarray(at - length, at));
  }
  if (header.kind === KIND_TOMBSTONE) index.bury(stream);
}

/**
 * From where the scan ended the log cannot be read. If a frame behind was written when that position was already durable, this is damage of
 * what was acknowledged; otherwise it is a write that never became durable as a whole, and nobody was told that it did.
 */
async function cutTornTail(segment: Segment, end: ScanEnd, folder: string, log: (line: string) => void): Promise<void> {
  const { file, path } = segment;
  const { position, offset, size } = end;
  const bytes = await readFully(file, offset, size - offset);
  for (let at = 1; at + FRAME_HEADER <= bytes.length; at++) {
    const behind = frameAt(bytes, at, bytes.length, position + at);
    if (behind !== undefined && behind.durable > position && isIntact(bytes, at, behind.length))
      throw damaged(segment, position, `an intact frame that was written later follows at ${behind.position}`, folder);
  }
  await file.truncate(offset);
  await file.sync();
  log(`${path} ended in a write that was never acknowledged: ${size - offset} bytes behind position ${position} have been cut.`);
}

const damaged = ({ path }: Segment, position: number, why: string, folder: string): Corrupt =>
  new Corrupt(
    `${path} is damaged at position ${position}: a frame there cannot be read, and ${why}. Restore the folder from a backup, or ask what a repair would lose: panglot event-node repair --data ${folder}`,
  );
