// Fills the index at a start, segment by segment: from its index file, or, where there is none that is right, from its frames. What has
// been read from frames gets its index file at once.

import { readFramesAhead, readFramesHere } from './frame-reader.js';
import type { ScanEnd } from './frame-scan.js';
import { hasIndexFile, loadIndexFile, readIndexFiles, unwritten, writeIndexFile } from './index-file.js';
import type { LogIndex } from './log-index.js';
import { gatherEvents } from './segment-events.js';
import { SEGMENT_HEADER, type Segment } from './segment-file.js';

export interface FoundSegment {
  readonly segment: Segment;
  /** Bytes of its file. */
  readonly size: number;
}

export interface SegmentLoading {
  /** Places what the next segment holds. Its frames have been looked at if they were read. */
  next(): Promise<{ readonly end: ScanEnd; readonly wasRead: boolean }>;
  /** Resolves when everything that has been begun is done. */
  stop(): Promise<void>;
}

export interface LoadingOptions {
  /** Whether index files are believed. */
  readonly byIndexFiles: boolean;
  /** Whether a thread of its own reads frames. */
  readonly readAhead: boolean;
  readonly log: (line: string) => void;
}

/** Begins to load these segments, which are all of the log: the last of them is not complete, and has no index file. */
export async function loadSegments(
  folder: string,
  index: LogIndex,
  found: readonly FoundSegment[],
  { byIndexFiles, readAhead, log }: LoadingOptions,
): Promise<SegmentLoading> {
  const complete = found.slice(0, -1);
  const frames = readAhead ? readFramesAhead(await withoutIndexFile(folder, found)) : readFramesHere;
  const indexFiles = readIndexFiles(folder, byIndexFiles ? complete.map(({ segment }) => segment) : []);
  let at = 0;
  let writing = Promise.resolve();

  async function readFrames({ segment, size }: FoundSegment): Promise<ScanEnd> {
    const { base, generation } = segment;
    const { stream: before, digest } = index.beginSegment(base);
    const gathering = gatherEvents(index);
    const { end, runs } = await frames.read(segment, (columns) => gathering.add(columns));
    const events = gathering.all();
    index.load(base, events);
    segment.runs = runs;
    if (at < found.length && end.offset === size) {
      await writing;
      const names = index.names.slice(before, index.names.count);
      const file = { base, generation, segmentBytes: size, before, digest, names, events, runs };
      writing = writeIndexFile(folder, file).catch((error: unknown) => log(unwritten(error)));
    }
    return end;
  }

  return {
    async next() {
      const segment = found[at++];
      if (segment === undefined) throw new RangeError('All segments have been loaded.');
      const { size } = segment;
      if (!loadIndexFile(index, segment.segment, size, await indexFiles.next()))
        return { end: await readFrames(segment), wasRead: true };
      return { end: { position: segment.segment.base + size - SEGMENT_HEADER, offset: size, size }, wasRead: false };
    },
    async stop() {
      await frames.close();
      await indexFiles.stop();
      await writing;
    },
  };
}

/** The segments whose frames have to be read, for all that the beginnings of their index files tell. */
async function withoutIndexFile(folder: string, found: readonly FoundSegment[]): Promise<Segment[]> {
  const without: Segment[] = [];
  for (const [i, { segment, size }] of found.entries())
    if (i === found.length - 1 || !(await hasIndexFile(folder, segment, size))) without.push(segment);
  return without;
}
