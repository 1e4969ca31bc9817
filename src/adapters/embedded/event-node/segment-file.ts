// A file of the log: frames in the order of their positions behind a header. It was written to its end once, or was written anew by a
// scavenge, and then has gaps between its frames where something has been removed.
//   as written:  0 `PGEVLOG1` | 8 position of its first byte (u64) | 16 frames, without a gap
//   scavenged:   0 `PGEVSCV1` | 8 position of its first byte (u64) | 16 position behind its last byte (u64) | 24 generation (u32) |
//                28 crc32 of the header before it (u32) | 32 frames, each of which names its position
// The name is `{position}.segment`, or `{position}-{generation}.segment` where a scavenge wrote it: the highest generation counts.

import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Corrupt } from '../../../domain/log/errors.js';
import type { Runs } from './runs.js';

export interface Segment {
  /** Position of its first byte. */
  readonly base: number;
  /** How often a scavenge has written it anew. */
  readonly generation: number;
  readonly path: string;
  readonly file: FileHandle;
  /** Bytes before its first frame. */
  readonly header: number;
  /** Where its frames stand, if a scavenge wrote it; `undefined`: frame upon frame. */
  runs: Runs | undefined;
  /** The position behind its last byte, if a scavenge wrote it. */
  readonly end: number | undefined;
}

export interface SegmentName {
  readonly base: number;
  readonly generation: number;
}

/** Stands before the first frame of a segment as it was written. */
export const SEGMENT_HEADER = 16;
export const SCAVENGED_HEADER = 32;
const FORMAT = Buffer.from('PGEVLOG1');
const SCAVENGED_FORMAT = Buffer.from('PGEVSCV1');
/** Of files that are being written and count for nothing yet. */
export const DRAFT = '.new';
const NAME = /^(\d{20})(?:-(\d{6}))?\.(segment|idx)(\.new)?$/;

/** The path of a segment, or of its index file. */
export function pathOf(folder: string, { base, generation }: SegmentName, kind: 'segment' | 'idx'): string {
  const suffix = generation === 0 ? '' : `-${String(generation).padStart(6, '0')}`;
  return join(folder, `${String(base).padStart(20, '0')}${suffix}.${kind}`);
}

/** The folder's segments, ascending, each in its highest generation; removes drafts and what a scavenge has superseded. */
export async function listSegments(folder: string): Promise<SegmentName[]> {
  const files = (await readdir(folder)).flatMap((file) => {
    const [, base, generation = '0', kind, draft] = NAME.exec(file) ?? [];
    return base === undefined
      ? []
      : [{ file, base: Number(base), generation: Number(generation), kind, isDraft: draft !== undefined }];
  });
  const newest = new Map<number, number>();
  for (const { base, generation, kind, isDraft } of files)
    if (kind === 'segment' && !isDraft) newest.set(base, Math.max(generation, newest.get(base) ?? 0));
  for (const { file, base, generation, isDraft } of files)
    if (isDraft || newest.get(base) !== generation) await rm(join(folder, file), { force: true });
  return [...newest].map(([base, generation]) => ({ base, generation })).sort((a, b) => a.base - b.base);
}

/** Opens a segment. @throws Corrupt if its header is another's; a header that is cut short is the caller's to judge */
export async function openSegment(folder: string, name: SegmentName): Promise<Segment> {
  const path = pathOf(folder, name, 'segment');
  const file = await open(path, 'r+');
  const size = name.generation === 0 ? SEGMENT_HEADER : SCAVENGED_HEADER;
  const header = await readFully(file, 0, size);
  const end = name.generation === 0 || header.length < size ? undefined : Number(header.readBigUInt64LE(16));
  if (header.length === size && !header.equals(end === undefined ? headerOf(name.base) : scavengedHeaderOf(name, end))) {
    await file.close();
    throw new Corrupt(`${path} is not a segment of this log, or of a format that this version does not know.`);
  }
  return { ...name, path, file, header: size, runs: undefined, end };
}

/** Makes a segment and its name durable. */
export async function createSegment(folder: string, base: number): Promise<Segment> {
  const name = { base, generation: 0 };
  const path = pathOf(folder, name, 'segment');
  const file = await open(path, 'w+');
  await file.write(headerOf(base), 0, SEGMENT_HEADER, 0);
  await file.sync();
  await syncFolder(folder);
  return { ...name, path, file, header: SEGMENT_HEADER, runs: undefined, end: undefined };
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
  return bytes.subarray(0, await readInto(file, offset, bytes));
}

/** Fills the buffer from this offset of a file; returns how many bytes there were. */
export async function readInto(file: FileHandle, offset: number, bytes: Buffer): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function headerOf(base: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER);
  FORMAT.copy(header);
  header.writeBigUInt64LE(BigInt(base), 8);
  return header;
}

/** The header of a segment that a scavenge writes. */
export function scavengedHeaderOf({ base, generation }: SegmentName, end: number): Buffer {
  const header = Buffer.alloc(SCAVENGED_HEADER);
  SCAVENGED_FORMAT.copy(header);
  header.writeBigUInt64LE(BigInt(base), 8);
  header.writeBigUInt64LE(BigInt(end), 16);
  header.writeUInt32LE(generation, 24);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  return header;
}
