// Reads a segment from one end to the other, frame by frame, at the speed of the disk: while one block is looked at, the next is read.

import type { FileHandle } from 'node:fs/promises';
import { FRAME_HEADER, type FrameHeader, frameAt, isIntact, MAX_FRAME } from './frame.js';
import { areIntact } from './frame-sums.js';
import { readFully, readInto, type Segment } from './segment-file.js';

/** Where a scan ended: all of the file was frames if `offset` is its size. */
export interface ScanEnd {
  /** The position behind the last good frame, and where in the file that is. */
  readonly position: number;
  readonly offset: number;
  readonly size: number;
}

/** Is shown an intact frame: it begins in `bytes` at `at`, and in the file at `offset`. The bytes are used again afterwards. */
export type Visit = (bytes: Buffer, at: number, header: FrameHeader, offset: number) => void;

export interface Pace {
  /** Is awaited between blocks. */
  readonly pause?: (bytes: number) => Promise<void> | undefined;
  /** How much is read, and looked at in one turn of the event loop. */
  readonly blockBytes?: number;
}

const BLOCK = 4 * 1024 * 1024;
/** A block that is looked at so quickly that those who append meanwhile do not notice. */
export const UNNOTICED_BLOCK = 256 * 1024;
/** Room before a block for the beginning of a frame that the block before ended in. */
const ROOM = 1024 * 1024;

/** Visits the frames of a segment, until the first that is not intact. */
export async function scanFrames(
  segment: Segment,
  visit: Visit,
  { pause = () => undefined, blockBytes = BLOCK }: Pace = {},
): Promise<ScanEnd> {
  const { file, base, header: headerBytes, end = Number.POSITIVE_INFINITY } = segment;
  const { size } = await file.stat();
  if (size <= headerBytes) return { position: base, offset: headerBytes, size: Math.max(size, headerBytes) };
  const hasGaps = segment.generation > 0;
  const buffers = [Buffer.allocUnsafeSlow(ROOM + blockBytes), Buffer.allocUnsafeSlow(ROOM + blockBytes)];
  let position = base;
  let offset = headerBytes;
  let turn = 0;
  let reading = readBlock(file, buffers[0], offset, size);
  /** What of the block before has not been visited. */
  let rest = Buffer.alloc(0);

  while (offset < size) {
    const block = buffers[turn];
    const filled = await reading;
    if (block === undefined || filled === 0) break;
    turn = 1 - turn;
    const next = offset + rest.length + filled;
    const start = ROOM - rest.length;
    // It lies in the other buffer, which is about to be read into.
    rest.copy(block, start);
    reading = readBlock(file, buffers[turn], next, size);
    const until = ROOM + filled;
    let at = start;
    const { frames, isDamaged } = intactFrames(block, {
      at,
      until,
      limit: at + size - offset,
      position,
      last: hasGaps ? end : undefined,
    });
    for (const header of frames) {
      visit(block, at, header, offset);
      at += header.length;
      offset += header.length;
      position = header.position + header.length;
    }
    if (isDamaged) {
      await reading;
      return { position, offset, size };
    }
    rest = block.subarray(at, until);
    const header =
      rest.length < FRAME_HEADER ? undefined : frameAt(block, at, at + size - offset, position, hasGaps ? end : position);
    if (rest.length > ROOM || (header !== undefined && header.length > blockBytes)) {
      // Longer than a block: read for itself, and then on behind it.
      await reading;
      const length = header?.length ?? 0;
      const whole = await readFully(file, offset, length);
      if (header === undefined || length > MAX_FRAME || !isIntact(whole, 0, length)) return { position, offset, size };
      visit(whole, 0, header, offset);
      offset += length;
      position = header.position + length;
      rest = Buffer.alloc(0);
      reading = readBlock(file, buffers[turn], offset, size);
    }
    await pause(filled);
  }
  await reading;
  return { position, offset, size };
}

interface Stretch {
  /** Where its first frame begins in the bytes, and where they end. */
  readonly at: number;
  readonly until: number;
  /** Where the file ends. */
  readonly limit: number;
  /** The position that comes next. Where a scavenge has left gaps, a frame may have any from there to the last. */
  readonly position: number;
  readonly last: number | undefined;
}

/** The frames that stand here whole and intact, one behind the other; and whether there is one behind them that is not intact. */
function intactFrames(bytes: Buffer, { at, until, limit, position, last }: Stretch): { frames: FrameHeader[]; isDamaged: boolean } {
  const frames: FrameHeader[] = [];
  let end = at;
  let next = position;
  let isDamaged = false;
  while (!isDamaged) {
    const header = frameAt(bytes, end, limit, next, last ?? next);
    if (end + (header?.length ?? FRAME_HEADER) > until) break;
    if (header === undefined) isDamaged = true;
    else {
      frames.push(header);
      end += header.length;
      next = header.position + header.length;
    }
  }
  if (areIntact(bytes, at, frames)) return { frames, isDamaged };
  const intact: FrameHeader[] = [];
  let start = at;
  for (const header of frames) {
    if (!isIntact(bytes, start, header.length)) break;
    intact.push(header);
    start += header.length;
  }
  return { frames: intact, isDamaged: true };
}

/** Reads the next block behind the room that is kept before it. */
function readBlock(file: FileHandle, buffer: Buffer | undefined, offset: number, size: number): Promise<number> {
  if (buffer === undefined || offset >= size) return Promise.resolve(0);
  return readInto(file, offset, buffer.subarray(ROOM, Math.min(buffer.length, ROOM + size - offset)));
}
