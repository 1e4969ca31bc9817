// PostgreSQL refuses to run as root: which user it runs as instead, and what that user can reach. An ordinary user runs it as himself.

import { type Stats, statSync } from 'node:fs';
import { chmod, chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Unavailable } from '../../../domain/log/errors.js';

/** A user of this machine, by number. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const nobody: RunAs = { uid: 65534, gid: 65534 };

/** Who PostgreSQL runs as; undefined means: as we do. As root it is the owner of the data that is there, else nobody. */
export function chooseUser(dataDir: string): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid };
}

function may(stats: Stats, user: RunAs, bit: 1 | 4): boolean {
  const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
  return ((stats.mode >> shift) & bit) === bit;
}

/** The outermost folder on the way to `path` (itself included) that the user may not pass through; undefined if there is none. */
export async function barrier(path: string, user: RunAs): Promise<string | undefined> {
  const parent = dirname(path);
  if (parent !== path) {
    const outer = await barrier(parent, user);
    if (outer !== undefined) return outer;
  }
  return may(await stat(path), user, 1) ? undefined : path;
}

/** Whether the user may pass through every folder to the file, and read and run it. */
export async function canRun(file: string, user: RunAs): Promise<boolean> {
  return (await barrier(file, user)) === undefined && may(await stat(file), user, 4);
}

/**
 * Opens the way to a folder of ours: lets others pass through it, not list it.
 * @throws Unavailable a folder above it is closed to that user, and is not ours to open.
 */
export async function openTheWay(folder: string, user: RunAs): Promise<void> {
  const closed = await barrier(folder, user);
  if (closed === undefined) return;
  if (closed !== folder)
    throw new Unavailable(
      `PostgreSQL cannot run as root, and user ${user.uid}, whom it would run as, may not enter ${closed}: ` +
        `set DATA_DIR to a folder that every user can reach, such as /var/lib/panglot, or set DATABASE_URL.`,
    );
  await chmod(folder, (await stat(folder)).mode | 0o111);
}

/** Gives a file or folder to the user, if PostgreSQL does not run as ourselves. */
export async function give(path: string, user: RunAs | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
}
