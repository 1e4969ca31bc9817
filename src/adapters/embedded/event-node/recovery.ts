// What a node does with the segments that it finds: fills the index, from index files or from the frames themselves, cuts a torn tail, and
// refuses damage.

import { rm } from 'node:fs/promises';
import { Corrupt } from '../../../domain/log/errors.js';
import { FRAME_HEADER, frameAt, isIntact } from './frame.js';
import { scanColumns } from './frame-columns.js';
import type { ScanEnd } from './frame-scan.js';
import { type IndexFileReader, loadIndexFile, readIndexFiles, unwritten, writeIndexFile } from './index-file.js';
import type { LogIndex } from './log-index.js';
import { gatherEvents, type SegmentEvents } from './segment-events.js';
import { createSegment, listSegments, openSegment, readFully, SEGMENT_HEADER, type Segment, syncFolder } from './segment-file.js';

export interface Recovered {
  readonly segments: Segment[];
  /** Where the log ends. */
  readonly position: number;
  /** Segments whose frames have not been looked at, because an index file said what is in them. */
  readonly unverified: readonly Segment[];
}

export interface RecoveryOptions {
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
  const unverified: Segment[] = [];
  let indexFiles: IndexFileReader | undefined;
  let writing = Promise.resolve();
  try {
    const names = await listSegments(folder);
    const sizes: number[] = [];
    for (const name of names) {
      const segment = await openSegment(folder, name);
      segments.push(segment);
      sizes.push((await segment.file.stat()).size);
    }
    const isSmall = sizes.reduce((sum, size) => sum + size, 0) <= readWholeBytes;
    indexFiles = readIndexFiles(folder, isSmall ? [] : segments.slice(0, -1));
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
      } else if (loadIndexFile(index, segment, size, await indexFiles.next())) {
        unverified.push(segment);
        position = segment.end ?? base + size - SEGMENT_HEADER;
      } else {
        const { stream: before, digest } = index.beginSegment(base);
        const { end, events } = await loadFrames(segment, index);
        if (end.offset < end.size) {
          if (!isLast || segment.generation > 0) throw damaged(segment, end.position, 'other segments follow it', folder);
          await cutTornTail(segment, end, folder, log);
        }
        position = segment.end ?? end.position;
        if (!isLast) {
          await writing;
          const { generation, runs } = segment;
          const newNames = index.names.slice(before, index.names.count);
          writing = writeIndexFile(folder, {
            base,
            generation,
            segmentBytes: size,
            before,
            digest,
            names: newNames,
            events,
            runs,
          }).catch((error: unknown) => log(unwritten(error)));
        }
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
    return { segments, position, unverified };
  } catch (error) {
    await Promise.all(segments.map((segment) => segment.file.close()));
    throw error;
  } finally {
    await writing;
    await indexFiles?.stop();
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

interface Loaded {
  readonly events: SegmentEvents;
  readonly end: ScanEnd;
}

async function loadFrames(segment: Segment, index: LogIndex): Promise<Loaded> {
  const gathering = gatherEvents(index);
  const { end, runs } = await scanColumns(segment, (frames) => void gathering.add(frames));
  segment.runs = runs;
  const events = gathering.all();
  index.load(segment.base, events);
  return { events, end };
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
