// One node a folder: a lock file that names its holder by process id and, where the system tells it, the time that process started, so
// that neither a crash nor a reused process id locks the folder for good.

import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../../domain/log/errors.js';

export interface FolderLock {
  /** @throws Unavailable if somebody took the folder over meanwhile */
  verify(): Promise<void>;
  release(): Promise<void>;
}

const FILE = 'node.lock';
const POLL_MS = 50;

/** Takes the folder for this process. @throws Unavailable if a living process still holds it after `waitMs` */
export async function lockFolder(folder: string, waitMs: number): Promise<FolderLock> {
  const path = join(folder, FILE);
  const mine = `${process.pid} ${await startOf(process.pid)} ${randomUUID()}\n`;
  const giveUp = Date.now() + waitMs;
  for (;;) {
    if (await create(path, mine)) return lockOf(path, mine);
    const held = await readFile(path, 'utf8').catch(() => '');
    if (!(await isHeld(held))) await removeStale(path, held);
    else if (Date.now() < giveUp) await delay(POLL_MS);
    else throw new Unavailable(`The folder ${folder} is in use by another event node (process ${held.split(' ')[0]}).`);
  }
}

function lockOf(path: string, mine: string): FolderLock {
  const isMine = async (): Promise<boolean> => (await readFile(path, 'utf8').catch(() => '')) === mine;
  return {
    async verify() {
      if (!(await isMine())) throw new Unavailable(`Another event node has taken over ${path}.`);
    },
    async release() {
      if (await isMine()) await rm(path, { force: true });
    },
  };
}

/** The file appears with its content or not at all. */
async function create(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content);
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
      throw new Unavailable(`The event node cannot start: the disk that holds ${path} is full (ENOSPC).`);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isHeld(content: string): Promise<boolean> {
  const [pid = '', start = ''] = content.trim().split(' ');
  if (!/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return (await startOf(Number(pid))) === start;
}

/** Moves a dead holder's lock aside; if it was replaced by a living one in between, puts that back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => stale);
  if (moved === stale) await rm(aside, { force: true });
  else await rename(aside, path);
}

/** When a process started, in the system's own ticks; '-' where that cannot be read, and for a process that is gone. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return (
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19) ?? '-'
  );
}
