// Looks through the segments that a start took on trust, without haste: damage is to be known before somebody needs what is damaged.

import { open, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { scanFrames, UNNOTICED_BLOCK } from './frame-scan.js';
import type { Journal } from './journal.js';
import { pathOf, type Segment } from './segment-file.js';

export interface Verification {
  stop(): Promise<void>;
}

const BYTES_PER_MS = 64 * 1024;

/** Begins at once. Where it finds damage, the node takes no more appends, and the next start will refuse the log. */
export function createVerification(folder: string, segments: readonly Segment[], journal: Journal): Verification {
  const stopped = new AbortController();
  const { signal } = stopped;

  async function verify(segment: Segment): Promise<void> {
    // A scavenge may have replaced it, and has then looked at every byte.
    const file = await open(segment.path, 'r').catch(() => undefined);
    if (file === undefined) return;
    try {
      const end = await scanFrames({ ...segment, file }, () => undefined, {
        pause: (bytes) => delay(bytes / BYTES_PER_MS, undefined, { signal }),
        blockBytes: UNNOTICED_BLOCK,
      });
      if (end.offset === end.size) return;
      await rm(pathOf(folder, segment, 'idx'), { force: true });
      journal.fail(`${segment.path} is damaged at position ${end.position}; the node takes no more appends.`);
    } finally {
      await file.close();
    }
  }

  async function verifyAll(): Promise<void> {
    for (const segment of segments) if (!signal.aborted) await verify(segment);
  }

  const running = verifyAll().catch((error: unknown) => {
    if (!signal.aborted) journal.fail(`The log could not be looked through (${String(error)}); the node takes no more appends.`);
  });
  return {
    stop() {
      stopped.abort();
      return running;
    },
  };
}
