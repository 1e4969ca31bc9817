// The log's files in a folder as one medium: one writer, at the end of the last file; readers anywhere. A scavenge puts a new file in the
// place of an old one, which stays open until its last reader is done.

import { writev, writevSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Corrupt } from '../../../domain/log/errors.js';
import { countBefore } from './binary-search.js';
import type { Chunk, Medium } from './medium.js';
import { createSegment, pathOf, readInto, type Segment } from './segment-file.js';
import { createSync } from './sync.js';

/** A copy of this size into the page cache costs less than the way to another thread. */
const SMALL_WRITE = 64 * 1024;

const writeVectors = promisify(writev);

export interface SegmentMedium extends Medium {
  readonly segments: readonly Segment[];
  /** Takes a scavenged segment in the place of the one at its position, whose files are removed when nobody reads them any more. */
  replace(segment: Segment): void;
  /** Resolves when the files that were replaced, and that nobody reads, are gone. */
  removed(): Promise<void>;
}

/** The medium over these segments, the last of which is written. It owns and closes them. `sealed` hears of one that is complete. */
export function segmentMedium(
  folder: string,
  segments: Segment[],
  sealed: (segment: Segment) => void = () => undefined,
): SegmentMedium {
  const readers = new Map<Segment, number>();
  const superseded = new Set<Segment>();
  const syncData = createSync();
  let removals: Promise<void> = Promise.resolve();

  function holding(position: number): number {
    const number = countBefore(segments.length, (at) => (segments[at]?.base ?? 0) <= position) - 1;
    if (number < 0) throw new Corrupt(`No segment in ${folder} holds position ${position}.`);
    return number;
  }

  async function writeTo(segment: Segment, chunks: readonly Chunk[], isAlone: boolean): Promise<void> {
    let offset = segment.header + (chunks[0]?.position ?? segment.base) - segment.base;
    let left = chunks.map((chunk) => chunk.bytes).filter((bytes) => bytes.length > 0);
    if (left.length === 0) return;
    while (left.length > 0) {
      const isSmall = left.reduce((sum, bytes) => sum + bytes.length, 0) <= SMALL_WRITE;
      const bytesWritten = isSmall
        ? writevSync(segment.file.fd, left, offset)
        : (await writeVectors(segment.file.fd, left, offset)).bytesWritten;
      offset += bytesWritten;
      left = behind(left, bytesWritten);
    }
    await syncData(segment.file.fd, isAlone);
  }

  /** Fills `target`, which begins at this position, from one segment. What a scavenge has removed is zeros. */
  async function readFrom(segment: Segment, position: number, target: Buffer): Promise<void> {
    readers.set(segment, (readers.get(segment) ?? 0) + 1);
    try {
      for (let at = 0; at < target.length; ) {
        const run = segment.runs?.at(position + at);
        const from = Math.max(run?.from ?? 0, position + at) - position;
        const to = Math.min(run?.to ?? Number.POSITIVE_INFINITY, position + target.length) - position;
        if ((segment.runs !== undefined && run === undefined) || from >= target.length) return void target.fill(0, at);
        target.fill(0, at, from);
        const offset = run === undefined ? segment.header - segment.base : run.offset - run.from;
        const piece = target.subarray(from, to);
        const filled = await readInto(segment.file, offset + position + from, piece);
        if (filled < piece.length) throw new Corrupt(`${segment.path} ends before position ${position + to}.`);
        at = to;
      }
    } finally {
      const left = (readers.get(segment) ?? 1) - 1;
      if (left > 0) readers.set(segment, left);
      else readers.delete(segment);
      letGo(segment);
    }
  }

  function letGo(segment: Segment): void {
    if (readers.has(segment) || !superseded.delete(segment)) return;
    const remove = async (): Promise<void> => {
      await segment.file.close();
      await rm(segment.path, { force: true });
      await rm(pathOf(folder, segment, 'idx'), { force: true });
    };
    removals = removals.then(remove).catch(() => undefined);
  }

  return {
    readsBack: true,
    segments,
    async write(chunks, isAlone) {
      for (let from = 0; from < chunks.length; ) {
        const base = chunks[from]?.segment ?? 0;
        let to = from;
        while (chunks[to]?.segment === base) to += 1;
        let segment = segments.at(-1);
        if (segment?.base !== base) {
          const complete = segment;
          segment = await createSegment(folder, base);
          segments.push(segment);
          if (complete !== undefined) sealed(complete);
        }
        await writeTo(segment, chunks.slice(from, to), isAlone);
        from = to;
      }
    },
    async read(position, length) {
      const bytes = Buffer.allocUnsafe(length);
      const pieces: Promise<void>[] = [];
      // All segments are taken hold of before the first wait: a scavenge may replace them meanwhile.
      for (let at = position; at < position + length; ) {
        const number = holding(at);
        const segment = segments[number];
        const end = Math.min(position + length, segments[number + 1]?.base ?? Number.POSITIVE_INFINITY);
        if (segment !== undefined) pieces.push(readFrom(segment, at, bytes.subarray(at - position, end - position)));
        at = end;
      }
      await Promise.all(pieces);
      return bytes;
    },
    wholeUntil(position) {
      const number = holding(position);
      const run = segments[number]?.runs?.at(position);
      return run !== undefined && run.from <= position ? run.to : (segments[number + 1]?.base ?? Number.POSITIVE_INFINITY);
    },
    replace(segment) {
      const number = holding(segment.base);
      const [old] = segments.splice(number, 1, segment);
      if (old === undefined) return;
      superseded.add(old);
      letGo(old);
    },
    removed: () => removals,
    async close() {
      await removals;
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
