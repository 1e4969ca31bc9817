// The log's files in a folder: `{first position}.segment`, each a header that repeats its position, then frames. One writer, at the end
// of the last file; readers anywhere.

import { fdatasync, writev, writevSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Corrupt } from '../../../domain/log/errors.js';
import type { Chunk, Medium } from './medium.js';

export interface Segment {
  /** Position of its first byte. */
  readonly base: number;
  readonly path: string;
  readonly file: FileHandle;
}

/** Stands before the first frame: the format's name and version, and the segment's position. */
export const SEGMENT_HEADER = 16;
const FORMAT = Buffer.from('PGEVLOG1');
/** A copy of this size into the page cache costs less than the way to another thread. */
const SMALL_WRITE = 64 * 1024;
const SUFFIX = '.segment';

const writeVectors = promisify(writev);
const syncData = promisify(fdatasync);

/** The positions of the segments that a folder holds, ascending. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  return names.map((name) => Number(name.slice(0, -SUFFIX.length))).sort((a, b) => a - b);
}

/** Opens a segment. @throws Corrupt if its header is another's; a header that is cut short is the caller's to judge */
export async function openSegment(folder: string, base: number): Promise<Segment> {
  const path = pathOf(folder, base);
  const file = await open(path, 'r+');
  const header = await readFully(file, 0, SEGMENT_HEADER);
  if (header.length === SEGMENT_HEADER && !header.equals(headerOf(base))) {
    await file.close();
    throw new Corrupt(`${path} is not a segment of this log, or of a format that this version does not know.`);
  }
  return { base, path, file };
}

/** Makes a segment and its name durable. */
export async function createSegment(folder: string, base: number): Promise<Segment> {
  const path = pathOf(folder, base);
  const file = await open(path, 'w+');
  await file.write(headerOf(base), 0, SEGMENT_HEADER, 0);
  await file.sync();
  await syncFolder(folder);
  return { base, path, file };
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Bytes of a file from this offset, fewer at its end. */
export async function readFully(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** The medium over these segments, the last of which is written. It owns and closes them. */
export function segmentMedium(folder: string, segments: Segment[]): Medium {
  function holding(position: number): Segment {
    const found = segments.findLast((segment) => segment.base <= position);
    if (found === undefined) throw new Corrupt(`No segment in ${folder} holds position ${position}.`);
    return found;
  }

  async function writeTo(segment: Segment, chunks: readonly Chunk[]): Promise<void> {
    let offset = SEGMENT_HEADER + (chunks[0]?.position ?? segment.base) - segment.base;
    let left = chunks.map((chunk) => chunk.bytes);
    while (left.length > 0) {
      const isSmall = left.reduce((sum, bytes) => sum + bytes.length, 0) <= SMALL_WRITE;
      const bytesWritten = isSmall
        ? writevSync(segment.file.fd, left, offset)
        : (await writeVectors(segment.file.fd, left, offset)).bytesWritten;
      offset += bytesWritten;
      left = behind(left, bytesWritten);
    }
    await syncData(segment.file.fd);
  }

  return {
    readsBack: true,
    async write(chunks) {
      for (let from = 0; from < chunks.length; ) {
        const base = chunks[from]?.segment ?? 0;
        let to = from;
        while (chunks[to]?.segment === base) to += 1;
        let segment = segments.at(-1);
        if (segment?.base !== base) {
          segment = await createSegment(folder, base);
          segments.push(segment);
        }
        await writeTo(segment, chunks.slice(from, to));
        from = to;
      }
    },
    async read(position, length) {
      const pieces: Buffer[] = [];
      for (let at = position; at < position + length; ) {
        const segment = holding(at);
        const next = segments[segments.indexOf(segment) + 1]?.base ?? Number.POSITIVE_INFINITY;
        const wanted = Math.min(position + length, next) - at;
        const piece = await readFully(segment.file, SEGMENT_HEADER + at - segment.base, wanted);
        if (piece.length < wanted) throw new Corrupt(`${segment.path} ends before position ${at + wanted}.`);
        pieces.push(piece);
        at += wanted;
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    },
    async close() {
      await Promise.all(segments.map((segment) => segment.file.close()));
    },
  };
}

/** What is left to be written after so many bytes. */
function behind(buffers: readonly Buffer[], written: number): Buffer[] {
  let skip = written;
  const left: Buffer[] = [];
  for (const bytes of buffers) {
    if (skip < bytes.length) left.push(bytes.subarray(skip));
    skip = Math.max(skip - bytes.length, 0);
  }
  return left;
}

const pathOf = (folder: string, base: number): string => join(folder, `${String(base).padStart(20, '0')}${SUFFIX}`);

function headerOf(base: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER);
  FORMAT.copy(header);
  header.writeBigUInt64LE(BigInt(base), FORMAT.length);
  return header;
}
