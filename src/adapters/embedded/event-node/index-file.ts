// The index of a segment that is complete, in a file beside it, so that a start reads 12 bytes an event instead of the events. It can be
// removed at any time. Streams are numbered over the whole log as they first appear: a file is of use only where the names before it are
// those that it was written behind, which the digest tells; otherwise its segment is read itself.

import { open, rename, writeFile } from 'node:fs/promises';
import { decodeHead, decodeIndexFile, encodeIndexFile, INDEX_HEAD, type IndexFile } from './index-file-format.js';
import type { Journal } from './journal.js';
import type { IndexPart, LogIndex } from './log-index.js';
import { eventsOfPart } from './segment-events.js';
import { DRAFT, pathOf, readFully, readInto, type Segment, type SegmentName } from './segment-file.js';

/** What the index file of a complete segment says, but for events that a scavenge is about to remove. */
export async function indexFileOf(
  journal: Journal,
  part: IndexPart,
  { base, generation, runs }: Pick<Segment, 'base' | 'generation' | 'runs'>,
  segmentBytes: number,
  isRemoved?: (stream: number, ordinal: number) => boolean,
): Promise<IndexFile> {
  const { stream: before, digest } = part.mark;
  const names = journal.index.names.slice(before, part.streamEnd);
  return { base, generation, segmentBytes, before, digest, names, events: await eventsOfPart(journal, part, isRemoved), runs };
}

/** Writes an index file, and makes it durable. */
export async function writeIndexFile(folder: string, content: IndexFile): Promise<void> {
  const path = pathOf(folder, content, 'idx');
  const file = await open(path + DRAFT, 'w');
  try {
    await writeFile(file, encodeIndexFile(content));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(path + DRAFT, path);
}

/** Loads a segment's index file; false if there is none that fits what stands before it. `finishLoading` is the caller's. */
export function loadIndexFile(index: LogIndex, segment: Segment, segmentBytes: number, file: IndexFile | undefined): boolean {
  if (file === undefined || !isOf(segment, segmentBytes, file)) return false;
  if (file.before !== index.names.count || file.digest !== index.names.digest) return false;
  index.beginSegment(segment.base);
  index.names.addAll(file.names);
  index.load(segment.base, file.events);
  segment.runs = file.runs;
  return true;
}

/** Whether a segment of so many bytes has an index file that could be right, by its size and its first bytes. */
export async function hasIndexFile(folder: string, segment: Segment, segmentBytes: number): Promise<boolean> {
  const file = await open(pathOf(folder, segment, 'idx'), 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const head = decodeHead(await readFully(file, 0, INDEX_HEAD));
    return head !== undefined && isOf(segment, segmentBytes, head) && head.size === (await file.stat()).size;
  } finally {
    await file.close();
  }
}

const isOf = (segment: SegmentName, segmentBytes: number, file: Pick<IndexFile, 'base' | 'generation' | 'segmentBytes'>): boolean =>
  file.base === segment.base && file.generation === segment.generation && file.segmentBytes === segmentBytes;

/** Reads index files, one ahead: while one is looked at, the next is read. */
export interface IndexFileReader {
  /** The next one; `undefined` if it is not there, or not whole. It is good until the one after it is asked for. */
  next(): Promise<IndexFile | undefined>;
  /** Resolves when nothing is read any more. */
  stop(): Promise<void>;
}

/** A reader of the index files of these segments, in their order. */
export function readIndexFiles(folder: string, segments: readonly SegmentName[]): IndexFileReader {
  const memories = [new ArrayBuffer(0), new ArrayBuffer(0)];
  let started = 0;
  const read = async (): Promise<{ readonly memory: ArrayBuffer; readonly size: number }> => {
    const turn = started++;
    const segment = segments[turn];
    const file = segment === undefined ? undefined : await open(pathOf(folder, segment, 'idx'), 'r').catch(() => undefined);
    if (file === undefined) return { memory: new ArrayBuffer(0), size: 0 };
    try {
      const { size } = await file.stat();
      const memory = roomFor(size, memories[turn % 2]);
      memories[turn % 2] = memory;
      return { memory, size: await readInto(file, 0, Buffer.from(memory, 0, size)) };
    } finally {
      await file.close();
    }
  };
  // One that cannot be read is as good as none.
  const begin = () => read().catch(() => ({ memory: new ArrayBuffer(0), size: 0 }));
  let reading = begin();
  return {
    async next() {
      const { memory, size } = await reading;
      reading = begin();
      return decodeIndexFile(memory, size);
    },
    async stop() {
      await reading;
    },
  };
}

/** This memory, or more if it is too little. */
const roomFor = (size: number, memory = new ArrayBuffer(0)): ArrayBuffer =>
  memory.byteLength >= size ? memory : new ArrayBuffer(Math.ceil(size * 1.1));

/** The sentence about an index file that could not be written. */
export const unwritten = (error: unknown): string =>
  `An index file could not be written (${String(error)}); the next start reads its segment.`;
