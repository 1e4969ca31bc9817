// How commands on the same machine find a running platform: each process leaves a small file in its data folder while it runs, under
// its process id. There is no secret in it.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { worksIn } from '../adapters/embedded/processes.js';

const presence = z.object({
  pid: z.int().positive(),
  /** Its working folder: tells it from a process that was given its number later. */
  folder: z.string(),
  startedAt: z.iso.datetime(),
  version: z.string(),
  logId: z.string(),
  /** Where its API answers; `null` if it serves none. */
  url: z.string().nullable(),
  /** The connection string of its embedded event node; `null` if it uses a store of its owner's. */
  eventNode: z.string().nullable(),
});
export type Presence = z.infer<typeof presence>;

const folderOf = (dataDir: string): string => join(dataDir, 'running');

function read(path: string): Presence | null {
  try {
    return presence.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

interface Found {
  readonly path: string;
  /** `null`: the file cannot be read, or is not one of ours. */
  readonly presence: Presence | null;
  readonly alive: boolean;
}

/** Every file that is there, of living processes and of those that were killed. */
export function findPresences(dataDir: string): readonly Found[] {
  const folder = folderOf(dataDir);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const path = join(folder, name);
      const found = read(path);
      return { path, presence: found, alive: found !== null && worksIn(found.pid, found.folder) };
    });
}

/** The platforms that run with this data folder, the newest first. */
export const runningIn = (dataDir: string): readonly Presence[] =>
  findPresences(dataDir)
    .flatMap(({ presence: found, alive }) => (alive && found !== null ? [found] : []))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));

/** Leaves the file of this process, and removes those of processes that are gone; answers how to take it away again. */
export function announce(dataDir: string, facts: Omit<Presence, 'pid' | 'folder' | 'startedAt'>): () => void {
  for (const { path, alive } of findPresences(dataDir)) if (!alive) rmSync(path, { force: true });
  const path = join(folderOf(dataDir), `${process.pid}.json`);
  const mine: Presence = { pid: process.pid, folder: process.cwd(), startedAt: new Date().toISOString(), ...facts };
  mkdirSync(folderOf(dataDir), { recursive: true });
  writeFileSync(path, `${JSON.stringify(mine, null, 2)}\n`, { mode: 0o600 });
  return () => rmSync(path, { force: true });
}
