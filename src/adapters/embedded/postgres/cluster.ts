// The cluster on disk: makes it once, whole or not at all, and refuses one that these programs cannot serve. Running it is the
// postmaster's matter.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Corrupt, Unavailable } from '../../../domain/log/errors.js';
import { isAlive, isErrno } from '../processes.js';
import type { Binaries } from './binaries.js';
import { give, type RunAs } from './run-as.js';

/** The owner of everything in the embedded server, and the database of the platform. */
export const role = 'panglot';
export const database = 'panglot';

const passwordFile = 'panglot.password';

/** What PostgreSQL's programs get to see: none of the caller's PG* variables. */
export const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

const execute = promisify(execFile);

/** Makes the renames in a folder survive a power cut. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

/** What a start that was killed while it made the cluster has left. */
async function removeHalves(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const maker = /-half-(\d+)/.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker))) await rm(join(home, name), { recursive: true, force: true });
  }
}

async function create(dataDir: string, binaries: Binaries, user: RunAs | undefined): Promise<void> {
  const half = `${dataDir}-half-${process.pid}`;
  const password = `${half}.password`;
  try {
    await removeHalves(dirname(dataDir));
    await mkdir(half, { mode: 0o700 });
    await give(half, user);
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
    await give(password, user);
    await execute(
      binaries.initdb,
      [
        `--pgdata=${half}`,
        `--username=${role}`,
        `--pwfile=${password}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Sorts by code point on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      { cwd: '/', env: environment, ...user },
    );
    // The password travels with the cluster that it opens: both appear in one rename.
    await rename(password, join(half, passwordFile));
    await sync(half);
    await rename(half, dataDir).catch((error: unknown) => {
      if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
    await sync(dirname(dataDir));
  } finally {
    await rm(password, { force: true });
    await rm(half, { recursive: true, force: true });
  }
}

/** What a program wrote before it failed, if it wrote anything; else the error itself. */
function saidBy(error: unknown): string {
  if (error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr.trim() !== '')
    return error.stderr.trim().split('\n').slice(-3).join(' ');
  return error instanceof Error ? error.message : String(error);
}

async function versionOf(dataDir: string): Promise<string | undefined> {
  return readFile(join(dataDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined;
      if (isErrno(error, 'EACCES'))
        throw new Unavailable(
          `The embedded PostgreSQL's data in ${dataDir} belongs to another user: start Panglot as the user who started it first, or set DATA_DIR to another folder.`,
        );
      throw error;
    },
  );
}

/**
 * Makes the cluster if there is none, and answers its password.
 * @throws Corrupt what is there is not a cluster of ours, or of another major version; @throws Unavailable it could not be made.
 */
export async function prepareCluster(dataDir: string, binaries: Binaries, user: RunAs | undefined): Promise<string> {
  if ((await stat(dataDir).catch(() => undefined)) === undefined) {
    await create(dataDir, binaries, user).catch((error: unknown) => {
      throw new Unavailable(`The embedded PostgreSQL could not be set up in ${dataDir}: ${saidBy(error)}`, { cause: error });
    });
  }
  const version = await versionOf(dataDir);
  if (version === undefined)
    throw new Corrupt(
      `${dataDir} is not a PostgreSQL data folder (it has no PG_VERSION). Restore it from a backup, or move it away to start with an empty one: read models are built again from the event log.`,
    );
  if (version !== binaries.major)
    throw new Corrupt(
      `The embedded PostgreSQL's data in ${dataDir} was written by version ${version}, and this is version ${binaries.major}: upgrade it with pg_upgrade, or move it away to have the read models built again from the event log.`,
    );
  await chmod(dataDir, 0o700);
  return readFile(join(dataDir, passwordFile), 'utf8').catch((cause: unknown) => {
    throw new Corrupt(
      `The password of the embedded PostgreSQL, ${join(dataDir, passwordFile)}, cannot be read: restore that file.`,
      {
        cause,
      },
    );
  });
}
