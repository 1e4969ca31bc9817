// What a node does with the segments that it finds: checks every frame, fills the index, cuts a torn tail, and refuses damage.

import { rm } from 'node:fs/promises';
import { Corrupt } from '../../../domain/log/errors.js';
import { eachEvent, FRAME_HEADER, type FrameHeader, frameAt, isIntact, KIND_TOMBSTONE, MAX_FRAME } from './frame.js';
import type { LogIndex } from './log-index.js';
import { createSegment, listSegments, openSegment, readFully, SEGMENT_HEADER, type Segment, syncFolder } from './segments.js';

export interface Recovered {
  readonly segments: Segment[];
  /** Where the log ends. */
  readonly position: number;
}

const READ_BYTES = 4 * 1024 * 1024;

/**
 * Opens the folder's segments and places every event in the index. What it answers is durable.
 * @throws Corrupt if something that was once acknowledged can no longer be read
 */
export async function recover(
  folder: string,
  index: LogIndex,
  placed: (ordinal: number, stored: Buffer) => void,
  log: (line: string) => void,
): Promise<Recovered> {
  const bases = await listSegments(folder);
  if (bases.length === 0) return { segments: [await createSegment(folder, 0)], position: 0 };
  const segments: Segment[] = [];
  try {
    let position = 0;
    for (const [i, base] of bases.entries()) {
      const segment = await openSegment(folder, base);
      segments.push(segment);
      if (base !== position)
        throw new Corrupt(`${segment.path} should begin at position ${position}: a part of the log is missing.`);
      const isLast = i === bases.length - 1;
      const { size } = await segment.file.stat();
      if (size < SEGMENT_HEADER) {
        if (!isLast) throw new Corrupt(`${segment.path} has no header.`);
        await replaceEmpty(folder, segments, log);
        continue;
      }
      position = await scanSegment(segment, size, isLast, index, placed, log);
    }
    await segments.at(-1)?.file.datasync();
    await syncFolder(folder);
    return { segments, position };
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

async function scanSegment(
  segment: Segment,
  size: number,
  isLast: boolean,
  index: LogIndex,
  placed: (ordinal: number, stored: Buffer) => void,
  log: (line: string) => void,
): Promise<number> {
  const { file, base, path } = segment;
  const end = base + size - SEGMENT_HEADER;
  let position = base;
  let bytes: Buffer = Buffer.alloc(0);
  let offset = 0;
  while (position < end) {
    const header = frameAt(bytes, offset, position, Math.min(end - position, MAX_FRAME));
    const needed = header?.length ?? FRAME_HEADER;
    if (bytes.length - offset < needed && bytes.length - offset < end - position) {
      bytes = await readFully(file, SEGMENT_HEADER + position - base, Math.max(READ_BYTES, needed));
      offset = 0;
      continue;
    }
    if (header === undefined || !isIntact(bytes, offset, header.length)) {
      if (!isLast) throw new Corrupt(`${path} is damaged at position ${position}, and other segments follow it.`);
      await cutTornTail(segment, position, end, log);
      return position;
    }
    place(bytes.subarray(offset, offset + header.length), header, index, placed);
    position += header.length;
    offset += header.length;
  }
  return position;
}

function place(frame: Buffer, header: FrameHeader, index: LogIndex, placed: (ordinal: number, stored: Buffer) => void): void {
  const name = frame.toString('utf8', FRAME_HEADER, FRAME_HEADER + header.nameLength);
  const stream = index.ensure(name);
  if (stream.ordinals.length !== header.revision)
    throw new Corrupt(
      `The frame at position ${header.position} begins at revision ${header.revision} of ${name}, which is at ${stream.ordinals.length - 1}.`,
    );
  if (header.kind === KIND_TOMBSTONE) stream.tombstoned = true;
  eachEvent(frame, header, (offset, stored) => placed(index.add(stream, header.position + offset), stored));
  index.publish(index.length);
}

/**
 * From `position` on the log cannot be read. If a frame behind was written when `position` was already durable, this is damage of what was
 * acknowledged; otherwise it is a write that never became durable as a whole, and nobody was told that it did.
 */
async function cutTornTail(
  { file, path, base }: Segment,
  position: number,
  end: number,
  log: (line: string) => void,
): Promise<void> {
  const bytes = await readFully(file, SEGMENT_HEADER + position - base, end - position);
  for (let offset = 1; offset + FRAME_HEADER <= bytes.length; offset++) {
    const behind = frameAt(bytes, offset, position + offset, bytes.length - offset);
    if (behind !== undefined && behind.durable > position && isIntact(bytes, offset, behind.length)) {
      throw new Corrupt(
        `${path} is damaged at position ${position}: a frame there cannot be read, and an intact one that was written later follows at ${behind.position}. Restore the folder from a backup.`,
      );
    }
  }
  await file.truncate(SEGMENT_HEADER + position - base);
  await file.sync();
  log(`${path} ended in a write that was never acknowledged: ${end - position} bytes behind position ${position} have been cut.`);
}
