// The index of a segment that is complete, so that a start reads 12 bytes an event instead of the events. Numbers are little endian, and
// as the process has them in memory; all that a file says is checked by its sum.
//   0 `PGEVIDX1` | 8 position of the segment (u64) | 16 bytes of the segment's file (u64) | then u32s: 24 generation | 28 events |
//   32 streams that were not known before it | 36 streams known before it | 40 digest of their names | 44 limits | 48 runs |
//   52 tombstones | 56 bytes of names | 60 crc32 of all the rest
//   then: runs (3 f64: from, to, offset) | limits (4 f64: stream, $maxCount, $maxAge, $tb; NaN: none) | per event u32: offset of its
//   position from the segment's | per event u32: its stream | per event u32: its revision | tombstoned streams (u32) | the bytes of each
//   new name (u16) | the names
// Streams are numbered over the whole log as they first appear. A file is of use only where the names before it are those that it was
// written behind, which the digest tells; otherwise its segment is read itself.

import { type FileHandle, open, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { IndexPart, LogIndex } from './log-index.js';
import { createRuns } from './runs.js';
import { DRAFT, pathOf, type Segment } from './segment-file.js';

const HEADER = 64;
const SUM = 60;
const FORMAT = Buffer.from('PGEVIDX1');
const RUN = 24;
const LIMIT = 32;
const EVENT = 12;

/** Writes the index file of a complete segment, and makes it durable. `forgotten` says which events a scavenge is about to remove. */
export async function writeIndexFile(
  folder: string,
  index: LogIndex,
  part: IndexPart,
  segment: Pick<Segment, 'base' | 'generation' | 'runs'>,
  segmentBytes: number,
  forgotten: (stream: number, ordinal: number) => boolean = () => false,
): Promise<void> {
  const bytes = encode(index, part, segment, segmentBytes, forgotten);
  const path = pathOf(folder, segment, 'idx');
  const file = await open(path + DRAFT, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(path + DRAFT, path);
}

function encode(
  index: LogIndex,
  { mark, ordinalEnd, streamEnd }: IndexPart,
  { base, generation, runs }: Pick<Segment, 'base' | 'generation' | 'runs'>,
  segmentBytes: number,
  forgotten: (stream: number, ordinal: number) => boolean,
): Buffer {
  const { names } = index;
  const kept: number[] = [];
  const described = new Set<number>();
  const tombstones: number[] = [];
  for (let ordinal = mark.ordinal; ordinal < ordinalEnd; ordinal++) {
    const stream = index.streamNumberOf(ordinal);
    if (stream < 0 || forgotten(stream, ordinal)) continue;
    kept.push(ordinal);
    if (index.isMetadata(stream)) described.add(index.describedBy(stream));
    if (index.tombstones().has(stream) && index.revisionOf(ordinal) === index.entryOf(stream).next - 1) tombstones.push(stream);
  }
  described.delete(-1);
  const streams = streamEnd - mark.stream;
  let nameBytes = 0;
  for (let number = mark.stream; number < streamEnd; number++) nameBytes += names.lengthOf(number);
  const runCount = runs?.length ?? 0;
  const numbers = HEADER + RUN * runCount + LIMIT * described.size;
  const size = numbers + EVENT * kept.length + 4 * tombstones.length + 2 * streams + nameBytes;
  const bytes = Buffer.alloc(size);
  FORMAT.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(base), 8);
  bytes.writeBigUInt64LE(BigInt(segmentBytes), 16);
  const counts = [
    generation,
    kept.length,
    streams,
    mark.stream,
    mark.digest,
    described.size,
    runCount,
    tombstones.length,
    nameBytes,
  ];
  counts.forEach((count, i) => {
    bytes.writeUInt32LE(count, 24 + 4 * i);
  });
  let at = HEADER;
  for (let i = 0; i < runCount; i++) {
    const run = runs?.get(i);
    for (const value of [run?.from, run?.to, run?.offset]) at = bytes.writeDoubleLE(value ?? 0, at);
  }
  for (const stream of described) {
    const { maxCount, maxAgeSeconds, truncateBefore } = index.entryOf(stream).limits ?? {};
    for (const value of [stream, maxCount, maxAgeSeconds, truncateBefore]) at = bytes.writeDoubleLE(value ?? Number.NaN, at);
  }
  kept.forEach((ordinal, i) => {
    bytes.writeUInt32LE(index.positionOf(ordinal) - base, at + 4 * i);
    bytes.writeUInt32LE(index.streamNumberOf(ordinal), at + 4 * (kept.length + i));
    bytes.writeUInt32LE(index.revisionOf(ordinal), at + 4 * (2 * kept.length + i));
  });
  at += EVENT * kept.length;
  for (const stream of tombstones) at = bytes.writeUInt32LE(stream, at);
  for (let number = mark.stream; number < streamEnd; number++) at = bytes.writeUInt16LE(names.lengthOf(number), at);
  for (let number = mark.stream; number < streamEnd; number++) at = names.copy(number, bytes, at);
  bytes.writeUInt32LE(sumOf(bytes), SUM);
  return bytes;
}

/** Memory that one file after the other is read into. */
export interface Scratch {
  bytes: Buffer;
}

/** The file's bytes; none where there is no file. */
async function readInto(scratch: Scratch, path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    if (scratch.bytes.length < size) scratch.bytes = Buffer.allocUnsafeSlow(Math.ceil(size * 1.1));
    return scratch.bytes.subarray(0, await readAll(file, scratch.bytes.subarray(0, size)));
  } finally {
    await file.close();
  }
}

async function readAll(file: FileHandle, target: Buffer): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Loads a segment's index file; false if there is none that is whole and fits what stands before it. `finishLoading` is the caller's. */
export async function loadIndexFile(folder: string, index: LogIndex, segment: Segment, scratch: Scratch): Promise<boolean> {
  const bytes = await readInto(scratch, pathOf(folder, segment, 'idx'));
  if (bytes.length < HEADER || !bytes.subarray(0, 8).equals(FORMAT)) return false;
  const [generation = 0, events = 0, streams = 0, before, digest, limits = 0, runs = 0, tombstones = 0, nameBytes = 0] = Array.from(
    { length: 9 },
    (_, i) => bytes.readUInt32LE(24 + 4 * i),
  );
  const { size } = await segment.file.stat();
  const expected = HEADER + RUN * runs + LIMIT * limits + EVENT * events + 4 * tombstones + 2 * streams + nameBytes;
  const isWhole = bytes.length === expected && bytes.readUInt32LE(SUM) === sumOf(bytes);
  const isOfSegment =
    Number(bytes.readBigUInt64LE(8)) === segment.base &&
    Number(bytes.readBigUInt64LE(16)) === size &&
    generation === segment.generation;
  if (!isWhole || !isOfSegment || before !== index.names.count || digest !== index.names.digest) return false;
  index.beginSegment(segment.base);
  segment.runs = segment.generation === 0 ? undefined : loadRuns(bytes, runs);
  loadEvents(bytes, HEADER + RUN * runs + LIMIT * limits, segment.base, { events, tombstones, streams }, index);
  loadLimits(bytes, HEADER + RUN * runs, limits, index);
  return true;
}

function loadEvents(
  bytes: Buffer,
  at: number,
  base: number,
  { events, tombstones, streams }: { readonly events: number; readonly tombstones: number; readonly streams: number },
  index: LogIndex,
): void {
  const numbers = new Uint32Array(
    bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + EVENT * events + 4 * tombstones),
  );
  let lengthAt = at + 4 * numbers.length;
  let nameAt = lengthAt + 2 * streams;
  for (let i = 0; i < streams; i++, lengthAt += 2) {
    const length = bytes.readUInt16LE(lengthAt);
    index.names.add(bytes, nameAt, nameAt + length);
    nameAt += length;
  }
  for (let i = 0; i < events; i++) index.load(numbers[events + i] ?? 0, numbers[2 * events + i] ?? 0, base + (numbers[i] ?? 0));
  for (let i = 0; i < tombstones; i++) index.bury(numbers[3 * events + i] ?? 0);
}

function loadRuns(bytes: Buffer, count: number): ReturnType<typeof createRuns> {
  const runs = createRuns();
  for (let at = HEADER; at < HEADER + RUN * count; at += RUN)
    runs.add(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes.readDoubleLE(at + 16));
  return runs;
}

function loadLimits(bytes: Buffer, from: number, count: number, index: LogIndex): void {
  const limit = (at: number): number | undefined => {
    const value = bytes.readDoubleLE(at);
    return Number.isNaN(value) ? undefined : value;
  };
  for (let at = from; at < from + LIMIT * count; at += LIMIT) {
    const [maxCount, maxAgeSeconds, truncateBefore] = [limit(at + 8), limit(at + 16), limit(at + 24)];
    const keepsAll = maxCount === undefined && maxAgeSeconds === undefined && truncateBefore === undefined;
    index.entryOf(bytes.readDoubleLE(at)).limits = keepsAll ? undefined : { maxCount, maxAgeSeconds, truncateBefore };
  }
}

const sumOf = (bytes: Buffer): number => crc32(bytes.subarray(HEADER), crc32(bytes.subarray(0, SUM)));
