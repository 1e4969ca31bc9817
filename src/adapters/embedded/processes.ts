// What we need to know about other processes of this machine: whether one lives, which it is, when it has ended, and how long to wait
// before one that died is started again. Nothing here starts any.

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether the number is in use, be it by a process that has ended and was not collected by its parent. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

/** Whether the process runs. One that ended but was not collected does not: in a container without an init that stays so for ever. */
export function isAlive(pid: number): boolean {
  if (!exists(pid)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch (error) {
    // Where there is a /proc, a process that is not in it is gone.
    return !(process.platform === 'linux' && isErrno(error, 'ENOENT', 'ESRCH'));
  }
}

/**
 * Whether the process works in this folder, so that a number that was given to another process since is not taken for ours.
 * `folder` is a real path. Without /proc the command line has to name it.
 */
export function worksIn(pid: number, folder: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === folder;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder);
  } catch {
    return false;
  }
}

/** Waits until the process has ended; false if it still lives after `milliseconds`. */
export async function hasEnded(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isAlive(pid)) {
    if (performance.now() >= deadline) return false;
    await delay(10);
  }
  return true;
}

/** Sends a signal to a process that may be gone by now. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Milliseconds to wait before the next start after so many that failed: 100 ms, doubling, at most 5 s. */
export const restartDelay = (failures: number): number => Math.min(5_000, 100 * 2 ** Math.min(failures, 10));

/** Whether something that was thrown is a system error with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
