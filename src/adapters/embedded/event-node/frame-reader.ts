// Reads what the frames of segments hold, for a start that has to: in this thread, or in one of its own, which goes ahead while this one
// places what has been read.

import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type FrameColumns, type ScannedSegment, scanColumns } from './frame-columns.js';
import type { ReadMessage, ThreadSegment } from './frame-thread.js';
import { runsOf } from './runs.js';
import type { Segment } from './segment-file.js';

export interface FrameReader {
  /** Gives out what a segment holds, until the first frame that is not intact. */
  read(segment: Segment, give: (frames: FrameColumns) => undefined): Promise<ScannedSegment>;
  close(): Promise<void>;
}

/** A reader in this thread. */
export const readFramesHere: FrameReader = { read: scanColumns, close: () => Promise.resolve() };

/** What it makes lives for one block of a segment: it needs no more, and leaves the memory to the index. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 4 };

/** A reader in a thread that reads these segments ahead, in the order in which they will be asked for. */
export function readFramesAhead(segments: readonly Segment[]): FrameReader {
  const wanted = segments.map(
    ({ path, base, generation, header, end }): ThreadSegment => ({ path, base, generation, header, end }),
  );
  const thread = new Worker(new URL('./frame-thread.js', import.meta.url), { workerData: wanted, resourceLimits: THREAD_LIMITS });
  const messages = on(thread, 'message', { close: ['exit'] });
  let next = 0;

  async function read(segment: Segment, give: (frames: FrameColumns) => undefined): Promise<ScannedSegment> {
    // An index file that looked right and is not.
    if (segment !== segments[next]) return scanColumns(segment, give);
    next += 1;
    for (;;) {
      const { done, value } = await messages.next();
      if (done === true) throw new Error(`The thread that read ${segment.path} has ended.`);
      const message: ReadMessage = value[0];
      if ('end' in message) return { end: message.end, runs: message.runs === undefined ? undefined : runsOf(message.runs) };
      thread.postMessage('taken');
      give(message.frames);
    }
  }

  return {
    read,
    async close() {
      await thread.terminate();
    },
  };
}
