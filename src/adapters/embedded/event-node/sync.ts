// fdatasync, by way of the thread pool or called outright. One writer alone is answered sooner if a quick disk is called; where others
// write as well, the node takes what they send while another thread waits for the disk, so that more of them share the next wait.

import { fdatasync, fdatasyncSync } from 'node:fs';
import { promisify } from 'node:util';

const pooled = promisify(fdatasync);

/** A disk that takes longer than this, in milliseconds, would hold up whoever comes next. */
const SHORT_MS = 0.5;
/** How many go by way of the pool before a slow disk is tried again. */
const RETRY_AFTER = 256;
/** One slow answer among so many quick ones is let pass. */
const SMOOTHING = 16;

export type Sync = (fd: number, isAlone: boolean) => Promise<void> | undefined;

/** A sync that learns from how long its calls took. The functions and the clock are only given by tests. */
export function createSync(
  call = fdatasyncSync,
  pool: (fd: number) => Promise<void> = pooled,
  now = () => performance.now(),
): Sync {
  /** The mean of late, in milliseconds. */
  let mean = 0;
  let untilRetry = 0;
  return (fd, isAlone) => {
    if (!isAlone) return pool(fd);
    if (untilRetry > 0) {
      untilRetry -= 1;
      return pool(fd);
    }
    const began = now();
    call(fd);
    mean += (now() - began - mean) / SMOOTHING;
    if (mean > SHORT_MS) {
      untilRetry = RETRY_AFTER;
      // One quick answer is enough to go on calling.
      mean = SHORT_MS;
    }
    return undefined;
  };
}
