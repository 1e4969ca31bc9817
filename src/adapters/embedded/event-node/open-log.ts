// Opens the log of a node, in memory or in a folder, with what goes on behind its back: index files of segments that are complete, and
// looking through segments that a start took on trust.

import { mkdir } from 'node:fs/promises';
import { lockFolder } from './folder-lock.js';
import { indexFileOf, unwritten, writeIndexFile } from './index-file.js';
import { createJournal, type Journal } from './journal.js';
import { createLogIndex } from './log-index.js';
import { memoryMedium } from './medium.js';
import { recover } from './recovery.js';
import { createScavenger, type Scavenged } from './scavenge.js';
import type { Segment } from './segment-file.js';
import { segmentMedium } from './segments.js';
import { createVerification } from './verification.js';

export interface OpenLog {
  readonly journal: Journal;
  /** Removes from the disk what streams no longer keep. @throws Unavailable while one is running, or after the node has failed */
  scavenge(): Promise<Scavenged>;
  close(): Promise<void>;
}

export interface LogOptions {
  readonly segmentBytes: number;
  /** A log of up to this many bytes is read whole, index files or not. */
  readonly readWholeBytes: number;
  /** Whether a thread of its own reads a larger log at a start, where that has to be read. */
  readonly readAhead?: boolean | undefined;
  readonly log: (line: string) => void;
}

/** A log that ends with the process. There is nothing in it to be scavenged. */
export function openInMemory({ segmentBytes, log }: LogOptions): OpenLog {
  const index = createLogIndex();
  index.beginSegment(0);
  const journal = createJournal({ index, medium: memoryMedium, position: 0, segment: 0, segmentBytes, log });
  return {
    journal,
    scavenge: () => Promise.resolve({ events: 0, bytes: 0, segments: 0 }),
    close: () => journal.close(),
  };
}

/**
 * The log in a folder, which belongs to this node until it closes.
 * @throws Unavailable if another node has the folder; Corrupt if something that was acknowledged cannot be read
 */
export async function openFolder(
  folder: string,
  waitMs: number,
  { segmentBytes, readWholeBytes, readAhead, log }: LogOptions,
): Promise<OpenLog> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder, waitMs);
  try {
    const index = createLogIndex();
    const { segments, position, unverified } = await recover(folder, index, { readWholeBytes, readAhead, log });
    await lock.verify();
    const background = createBackground(log);
    const indexed = (segment: Segment): void => background.add(() => writeIndexOf(folder, journal, segment));
    const medium = segmentMedium(folder, segments, indexed);
    const segment = segments.at(-1)?.base ?? 0;
    const journal = createJournal({ index, medium, position, segment, segmentBytes, log });
    const verification = createVerification(folder, unverified, journal);
    const scavenger = createScavenger({ folder, journal, medium });
    return {
      journal,
      async scavenge() {
        await background.idle();
        return scavenger.run();
      },
      async close() {
        await verification.stop();
        await scavenger.stop();
        await background.stop();
        await journal.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Background {
  add(job: () => Promise<void>): void;
  /** Resolves when all jobs so far have ended. */
  idle(): Promise<void>;
  /** Resolves when the job that is running has ended; those behind it are dropped. */
  stop(): Promise<void>;
}

/** One job after the other. One that fails costs a longer start, no more: that is said, and the next begins. */
function createBackground(log: (line: string) => void): Background {
  let jobs = Promise.resolve();
  let stopping = false;
  return {
    add(job) {
      jobs = jobs.then(() => (stopping ? undefined : job())).catch((error: unknown) => log(unwritten(error)));
    },
    idle: () => jobs,
    stop() {
      stopping = true;
      return jobs;
    },
  };
}

async function writeIndexOf(folder: string, journal: Journal, segment: Segment): Promise<void> {
  const part = journal.index.partAt(segment.base);
  const { size } = await segment.file.stat();
  if (part !== undefined) await writeIndexFile(folder, await indexFileOf(journal, part, segment, size));
}
