// The thread of `readFramesAhead`: reads one segment after the other and sends what they hold, never far ahead of who takes it.

import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type FrameColumns, scanColumns } from './frame-columns.js';
import type { ScanEnd } from './frame-scan.js';
import type { Segment } from './segment-file.js';

/** What the thread is told of a segment. */
export type ThreadSegment = Pick<Segment, 'path' | 'base' | 'generation' | 'header' | 'end'>;

/** What it sends of each: columns, and at last where it ends. Columns are answered with any message when they have been taken. */
export type ReadMessage = { readonly frames: FrameColumns } | { readonly end: ScanEnd; readonly runs: Float64Array | undefined };

/** Columns of so many blocks may wait to be taken. */
const AHEAD = 16;

let waiting = 0;
let taken: (() => void) | undefined;
parentPort?.on('message', () => {
  waiting -= 1;
  taken?.();
});

function send(frames: FrameColumns): Promise<void> | undefined {
  const { names, revisions, counts, offsets } = frames;
  const memory = [names.hashes, names.lengths, names.bytes, revisions, counts, offsets].map(({ buffer }) => buffer);
  parentPort?.postMessage({ frames } satisfies ReadMessage, memory);
  waiting += 1;
  if (waiting < AHEAD) return undefined;
  return new Promise((resolve) => {
    taken = resolve;
  });
}

for (const segment of workerData as readonly ThreadSegment[]) {
  const file = await open(segment.path, 'r');
  const { end, runs } = await scanColumns({ ...segment, file, runs: undefined }, send);
  await file.close();
  parentPort?.postMessage({ end, runs: runs?.numbers() } satisfies ReadMessage);
}
parentPort?.close();
