// The doctor on the data folder: whether it can be written to, by whom it can be reached, how much room is left, and who uses it.

import { accessSync, constants, existsSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findRunning } from '../../adapters/embedded/postgres/postmaster.js';
import { barrier, chooseUser } from '../../adapters/embedded/postgres/run-as.js';
import { findPresences, type Presence } from '../presence.js';
import { type Finding, messageOf, ok, problem, warning } from './finding.js';

const check = 'Data folder';

/** The folder itself, or the nearest one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

const modeOf = (mode: number) => (mode & 0o777).toString(8).padStart(4, '0');

function checkAccess(dataDir: string, place: string): Finding {
  const { uid, mode } = statSync(place);
  const owner = `owner ${uid}, mode ${modeOf(mode)}`;
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    return problem(
      check,
      `${place} (${owner}) cannot be written to by user ${process.getuid?.() ?? 'unknown'}: ${messageOf(error)}.`,
      'Give the folder to this user (chown), or set DATA_DIR to another one.',
    );
  }
  return place === dataDir
    ? ok(check, `${dataDir} can be written to (${owner}).`)
    : ok(check, `${dataDir} will be made at the first start.`);
}

/** As root, PostgreSQL runs as another user, who has to get there. The folder itself is opened by a start, those above it are not ours. */
async function checkWay(dataDir: string, place: string): Promise<readonly Finding[]> {
  const user = chooseUser(join(dataDir, 'postgres', 'data'));
  if (user === undefined) return [];
  const closed = await barrier(place === dataDir ? dirname(place) : place, user);
  if (closed === undefined) return [];
  return [
    problem(
      check,
      `PostgreSQL cannot run as root, and user ${user.uid}, whom it would run as, may not enter ${closed}.`,
      'Set DATA_DIR to a folder that every user can reach, such as /var/lib/panglot, or set DATABASE_URL.',
    ),
  ];
}

const mega = 1024 ** 2;
/** Less than this, and an embedded PostgreSQL may not even start. */
const tooLittle = 256 * mega;
const little = 2_048 * mega;

function checkRoom(place: string): Finding {
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${place}.`;
  const advice = 'Make room, or set DATA_DIR to a folder on another disk.';
  if (free < tooLittle) return problem('Disk', detail, advice);
  return free < little ? warning('Disk', detail, advice) : ok('Disk', detail);
}

/** Who runs on the folder, and what those who were killed have left. */
async function checkUsers(dataDir: string, running: readonly Presence[]): Promise<readonly Finding[]> {
  const stale = findPresences(dataDir).filter(({ alive }) => !alive);
  const findings: Finding[] = running.map(({ pid, version, startedAt, url }) =>
    ok('Platform', `Panglot ${version} runs as process ${pid} since ${startedAt}${url === null ? '' : ` at ${url}`}.`),
  );
  if (stale.length > 0)
    findings.push(
      warning(
        'Platform',
        `An earlier one was killed (${stale.map(({ path }) => path).join(', ')}).`,
        'Nothing has to be done: the next start finds everything and removes what was left.',
      ),
    );
  const data = join(dataDir, 'postgres', 'data');
  const postgres =
    running.length === 0 && existsSync(data) ? await findRunning(realpathSync(data)).catch(() => undefined) : undefined;
  if (postgres !== undefined)
    findings.push(
      warning(
        'Platform',
        `A PostgreSQL of an earlier one still runs as process ${postgres.pid}.`,
        'Nothing has to be done: the next start takes it over. To stop it now: kill -INT it.',
      ),
    );
  return findings.length === 0 ? [ok('Platform', `None runs on ${dataDir}.`)] : findings;
}

/** @param embedded whether anything of ours keeps its data there */
export async function checkDataFolder(
  dataDir: string,
  running: readonly Presence[],
  embedded: { readonly postgres: boolean },
): Promise<readonly Finding[]> {
  const place = nearest(dataDir);
  if (!statSync(place).isDirectory())
    return [problem(check, `${place} is not a folder.`, 'Move it away, or set DATA_DIR to a folder.')];
  return [
    checkAccess(dataDir, place),
    ...(embedded.postgres ? await checkWay(dataDir, place) : []),
    checkRoom(place),
    ...(await checkUsers(dataDir, running)),
  ];
}
