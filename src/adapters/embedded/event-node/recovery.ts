// What a node does with the segments that it finds: fills the index, from index files or from the frames themselves, cuts a torn tail, and
// refuses damage.

import { rm } from 'node:fs/promises';
import { Corrupt } from '../../../domain/log/errors.js';
import { FRAME_HEADER, frameAt, isIntact } from './frame.js';
import type { ScanEnd } from './frame-scan.js';
import type { LogIndex } from './log-index.js';
import { createSegment, listSegments, openSegment, readFully, type Segment, syncFolder } from './segment-file.js';
import { type FoundSegment, loadSegments, type SegmentLoading } from './segment-loading.js';

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
  /** Whether a thread of its own reads the frames of a larger log, where index files do not say what is in it. */
  readonly readAhead?: boolean | undefined;
}

/**
 * Opens the folder's segments and places every event in the index. What it answers is durable.
 * @throws Corrupt if something that was once acknowledged can no longer be read
 */
export async function recover(folder: string, index: LogIndex, options: RecoveryOptions): Promise<Recovered> {
  const { log, readWholeBytes, readAhead = false } = options;
  const segments: Segment[] = [];
  const unverified: Segment[] = [];
  let loading: SegmentLoading | undefined;
  try {
    const found: FoundSegment[] = [];
    for (const name of await listSegments(folder)) {
      const segment = await openSegment(folder, name);
      segments.push(segment);
      found.push({ segment, size: (await segment.file.stat()).size });
    }
    const isSmall = found.reduce((sum, { size }) => sum + size, 0) <= readWholeBytes;
    loading = await loadSegments(folder, index, found, { byIndexFiles: !isSmall, readAhead: readAhead && !isSmall, log });
    let position = 0;
    for (const [i, { segment, size }] of found.entries()) {
      const { base, path } = segment;
      if (base !== position) throw new Corrupt(`${path} should begin at position ${position}: a part of the log is missing.`);
      const mayBeTorn = i === found.length - 1 && segment.generation === 0;
      if (size < segment.header) {
        if (!mayBeTorn) throw new Corrupt(`${path} has no header.`);
        await replaceEmpty(folder, segments, log);
        index.beginSegment(base);
      } else {
        const { end, wasRead } = await loading.next();
        if (end.offset < end.size) {
          if (!mayBeTorn) throw damaged(segment, end.position, 'other segments follow it', folder);
          await cutTornTail(segment, end, folder, log);
        }
        if (!wasRead) unverified.push(segment);
        position = segment.end ?? end.position;
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
    await loading?.stop();
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
