// fdatasync, by way of the thread pool or called outright: a disk that answers sooner than two changes of thread take is called, so long as
// it does; any other is waited for while the node goes on.

import { fdatasync, fdatasyncSync } from 'node:fs';
import { promisify } from 'node:util';

const pooled = promisify(fdatasync);

/** A call that takes no longer than this, in milliseconds, costs less than the way to another thread and back. */
const SHORT_MS = 0.1;
/** How many go by way of the pool before the disk is tried again. */
const RETRY_AFTER = 256;

export type Sync = (fd: number) => Promise<void> | undefined;

/** A sync that learns from how long its calls took. The functions and the clock are only given by tests. */
export function createSync(
  call = fdatasyncSync,
  pool: (fd: number) => Promise<void> = pooled,
  now = () => performance.now(),
): Sync {
  /** The mean of late, in milliseconds, which leans to the last call. */
  let mean = 0;
  let untilRetry = 0;
  return (fd) => {
    if (untilRetry > 0) {
      untilRetry -= 1;
      return pool(fd);
    }
    const began = now();
    call(fd);
    mean += (now() - began - mean) / 4;
    if (mean > SHORT_MS) {
      untilRetry = RETRY_AFTER;
      // One quick answer is enough to go on calling.
      mean = SHORT_MS;
    }
    return undefined;
  };
}
