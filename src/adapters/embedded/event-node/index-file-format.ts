// What an index file holds, as bytes. Numbers are little endian, and as the process has them in memory:
//   0 `PGEVIDX2` | 8 position of the segment (u64) | 16 bytes of the segment's file (u64) | then u32s: 24 generation | 28 events |
//   32 streams that were not known before it | 36 streams known before it | 40 digest of their names | 44 limits | 48 runs |
//   52 tombstones | 56 bytes of names | 60 crc32 of all the rest
//   then: runs (3 f64: from, to, offset) | limits (4 f64: stream, $maxCount, $maxAge, $tb; NaN: none) | per event u32: offset of its
//   position from the segment's | per event u32: its stream | per event u32: its revision | tombstoned streams (u32) | per new name
//   u32: its hash | per new name u16: its bytes | the names

import { crc32 } from 'node:zlib';
import { type Runs, runsOf } from './runs.js';
import type { SegmentEvents } from './segment-events.js';
import type { StreamLimits } from './stream-limits.js';
import type { NameColumns } from './stream-names.js';

export interface IndexFile {
  /** Which segment it is of, in which generation, and how many bytes that has. */
  readonly base: number;
  readonly generation: number;
  readonly segmentBytes: number;
  /** How many streams were known before it, and the digest of their names. */
  readonly before: number;
  readonly digest: number;
  /** The streams that follow these. */
  readonly names: NameColumns;
  readonly events: SegmentEvents;
  /** Where the segment's frames stand, if a scavenge wrote it. */
  readonly runs: Runs | undefined;
}

const FORMAT = Buffer.from('PGEVIDX2');
const COUNTS = 24;
const SUM = 60;
/** Bytes of the head. */
export const INDEX_HEAD = 64;

/** How many of each there are, in the order of the header. */
interface Counts {
  readonly events: number;
  readonly streams: number;
  readonly limits: number;
  readonly runs: number;
  readonly tombstones: number;
  readonly nameBytes: number;
}

/** The file's bytes, in pieces that share the memory of what they say. */
export function encodeIndexFile({ base, generation, segmentBytes, before, digest, names, events, runs }: IndexFile): Uint8Array[] {
  const { offsets, streams, revisions, tombstones, limits } = events;
  const head = Buffer.alloc(INDEX_HEAD);
  const pieces = [
    runs?.numbers() ?? new Float64Array(),
    numbersOf(limits),
    offsets,
    streams,
    revisions,
    Uint32Array.from(tombstones),
    names.hashes,
    names.lengths,
    names.bytes,
  ].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  FORMAT.copy(head);
  head.writeBigUInt64LE(BigInt(base), 8);
  head.writeBigUInt64LE(BigInt(segmentBytes), 16);
  const counts = [offsets.length, names.hashes.length, before, digest, limits.size, runs?.length ?? 0, tombstones.length];
  for (const [i, word] of [generation, ...counts, names.bytes.length].entries()) head.writeUInt32LE(word, COUNTS + 4 * i);
  head.writeUInt32LE(sumOf([head.subarray(0, SUM), ...pieces]), SUM);
  return [head, ...pieces];
}

/** The beginning of an index file, by which one is told that cannot be right. */
export interface IndexFileHead extends Pick<IndexFile, 'base' | 'generation' | 'segmentBytes' | 'before' | 'digest'> {
  readonly counts: Counts;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** What the first bytes of an index file say; `undefined` if they are not of one. */
export function decodeHead(bytes: Buffer): IndexFileHead | undefined {
  if (bytes.length < INDEX_HEAD || !bytes.subarray(0, FORMAT.length).equals(FORMAT)) return undefined;
  const word = (field: number): number => bytes.readUInt32LE(COUNTS + 4 * field);
  const counts = { events: word(1), streams: word(2), limits: word(5), runs: word(6), tombstones: word(7), nameBytes: word(8) };
  return {
    base: Number(bytes.readBigUInt64LE(8)),
    generation: word(0),
    segmentBytes: Number(bytes.readBigUInt64LE(16)),
    before: word(3),
    digest: word(4),
    counts,
    size: sizeOf(counts),
  };
}

/** What the bytes at the beginning of this memory say: `undefined` if they are not a whole index file. The columns are views of it. */
export function decodeIndexFile(memory: ArrayBuffer, size: number): IndexFile | undefined {
  const bytes = Buffer.from(memory, 0, size);
  const head = decodeHead(bytes);
  if (
    head === undefined ||
    size !== head.size ||
    bytes.readUInt32LE(SUM) !== sumOf([bytes.subarray(0, SUM), bytes.subarray(INDEX_HEAD)])
  )
    return undefined;
  const { hashes, lengths, names, runs, tombstones, limits, ...events } = sectionsOf(memory, head.counts);
  return {
    ...head,
    names: { hashes, lengths, bytes: names },
    events: { ...events, tombstones: [...tombstones], limits: limitsIn(limits) },
    runs: head.generation === 0 ? undefined : runsOf(runs),
  };
}

interface Sections {
  readonly runs: Float64Array;
  readonly limits: Float64Array;
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly streams: Uint32Array<ArrayBuffer>;
  readonly revisions: Uint32Array<ArrayBuffer>;
  readonly tombstones: Uint32Array<ArrayBuffer>;
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint16Array<ArrayBuffer>;
  readonly names: Uint8Array<ArrayBuffer>;
}

function sectionsOf(memory: ArrayBuffer, { events, streams, limits, runs, tombstones, nameBytes }: Counts): Sections {
  let end = INDEX_HEAD;
  const take = (bytes: number): number => {
    end += bytes;
    return end - bytes;
  };
  const doubles = (length: number): Float64Array => new Float64Array(memory, take(8 * length), length);
  const words = (length: number): Uint32Array<ArrayBuffer> => new Uint32Array(memory, take(4 * length), length);
  return {
    runs: doubles(3 * runs),
    limits: doubles(4 * limits),
    offsets: words(events),
    streams: words(events),
    revisions: words(events),
    tombstones: words(tombstones),
    hashes: words(streams),
    lengths: new Uint16Array(memory, take(2 * streams), streams),
    names: new Uint8Array(memory, take(nameBytes), nameBytes),
  };
}

const sizeOf = ({ events, streams, limits, runs, tombstones, nameBytes }: Counts): number =>
  INDEX_HEAD + 24 * runs + 32 * limits + 12 * events + 4 * tombstones + 6 * streams + nameBytes;

function numbersOf(limits: SegmentEvents['limits']): Float64Array {
  const numbers = [...limits].flatMap(([stream, kept]) => [stream, kept?.maxCount, kept?.maxAgeSeconds, kept?.truncateBefore]);
  return Float64Array.from(numbers, (number) => number ?? Number.NaN);
}

function limitsIn(numbers: Float64Array): SegmentEvents['limits'] {
  const limit = (value = Number.NaN): number | undefined => (Number.isNaN(value) ? undefined : value);
  const limits = new Map<number, StreamLimits | undefined>();
  for (let i = 0; i < numbers.length; i += 4) {
    const [maxCount, maxAgeSeconds, truncateBefore] = [limit(numbers[i + 1]), limit(numbers[i + 2]), limit(numbers[i + 3])];
    const keepsAll = maxCount === undefined && maxAgeSeconds === undefined && truncateBefore === undefined;
    limits.set(numbers[i] ?? 0, keepsAll ? undefined : { maxCount, maxAgeSeconds, truncateBefore });
  }
  return limits;
}

/** The CRC of pieces that stand one behind the other. Of no bytes it would be 0, whatever stood before them. */
const sumOf = (pieces: readonly Uint8Array[]): number =>
  pieces.filter(({ length }) => length > 0).reduce((sum, piece) => crc32(piece, sum), 0);
