// Runs the compiled command as a process, as a person or a script does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** Its environment beside PATH; nothing of the test's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly cwd?: string;
}

/** Starts it; `ended` is fulfilled with all that it wrote. */
export function startPanglot(args: readonly string[], { env = {}, uid, cwd }: Surroundings = {}) {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (said.stdout += String(data)));
  child.stderr.on('data', (data) => (said.stderr += String(data)));
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, ...said }));
  return { child, ended, said };
}

/** Runs it to its end. */
export const panglot = (args: readonly string[], surroundings?: Surroundings): Promise<Ended> =>
  startPanglot(args, surroundings).ended;
