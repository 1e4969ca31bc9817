// One server process: starts it, waits until it serves, finds the one that already runs on a data folder, and stops one. Whether it
// is the right one, and what to do when it dies, is the launcher's matter.

import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../../domain/log/errors.js';
import { exists, hasEnded, isErrno, signal, worksIn } from '../processes.js';
import { environment } from './cluster.js';
import type { RunAs } from './run-as.js';

export interface Server {
  readonly program: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly user: RunAs | undefined;
}

/** What a server says of itself in postmaster.pid. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly state: 'starting' | 'ready' | 'stopping';
}

/** Milliseconds; crash recovery counts. */
export const readyWithin = 300_000;
const logLimit = 8 * 1024 * 1024;

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The server's own affairs: what a statement did wrong, its sender is told.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

const argumentsFor = (server: Server, port: number): string[] => [
  '-D',
  server.dataDir,
  '-p',
  String(port),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

/** Whether the running server was started as we would start it now: the same program, folder and settings, and this port. */
export async function isAsWanted(server: Server, port: number): Promise<boolean> {
  const line = await readFile(join(server.dataDir, 'postmaster.opts'), 'utf8').catch(() => '');
  const wanted = [server.program, ...argumentsFor(server, port).map((argument) => `"${argument}"`)].join(' ');
  return line.trimEnd() === wanted;
}

const pidFile = (dataDir: string) => join(dataDir, 'postmaster.pid');

async function pidFileLines(dataDir: string): Promise<readonly string[]> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  });
  return text.split('\n');
}

/** The server that runs on the data folder (a real path), if one does. A file that a dead one left behind counts for nothing. */
export async function findRunning(dataDir: string): Promise<Running | undefined> {
  const lines = await pidFileLines(dataDir);
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !worksIn(pid, dataDir)) return undefined;
  const state = lines[7]?.trim() ?? '';
  return { pid, port: Number(lines[3] ?? 0), state: state === 'ready' || state === 'stopping' ? state : 'starting' };
}

/**
 * Removes a leftover file whose number was given to another process since, or whose process nobody has collected: PostgreSQL would take
 * that for a server and refuse to start. Every other leftover it judges better itself.
 */
async function removeMistakable(dataDir: string): Promise<void> {
  const pid = Number((await pidFileLines(dataDir))[0]);
  if (Number.isInteger(pid) && pid > 0 && exists(pid) && !worksIn(pid, dataDir)) await rm(pidFile(dataDir), { force: true });
}

/** A port of the loopback that nobody listens on. It may be taken again before it is used. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function openLog(path: string): Promise<{ readonly file: Awaited<ReturnType<typeof open>>; readonly from: number }> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > logLimit) await rename(path, `${path}.1`);
  const file = await open(path, 'a', 0o600);
  return { file, from: size > logLimit ? 0 : size };
}

/** The last line of what the server wrote since `from` that says why it ended. */
async function reason(path: string, from: number): Promise<string> {
  const written = (await readFile(path)).subarray(from).toString('utf8').trim().split('\n');
  const line = written.findLast((text) => /\b(FATAL|PANIC):/.test(text)) ?? written.at(-1) ?? '';
  return line.replace(/^.*?\b(?:FATAL|PANIC):\s*/, '');
}

/**
 * Starts a server that outlives this process, and waits until it serves; answers its pid.
 * @throws Unavailable it ended instead, with the reason that it wrote.
 */
export async function startPostmaster(server: Server, port: number): Promise<number> {
  await removeMistakable(server.dataDir);
  const { file, from } = await openLog(server.logFile);
  const child = spawn(server.program, argumentsFor(server, port), {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['ignore', file.fd, file.fd],
    ...server.user,
  });
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signalName) => {
    failure ??= `it ended with ${signalName ?? `code ${code}`}`;
  });
  child.unref();
  await file.close();

  const deadline = performance.now() + readyWithin;
  while (failure === undefined && performance.now() < deadline) {
    const running = await findRunning(server.dataDir);
    if (running !== undefined && running.pid === child.pid && running.state === 'ready') return running.pid;
    await delay(10);
  }
  if (failure === undefined && child.pid !== undefined) {
    await stopPostmaster(child.pid);
    failure = `it did not serve within ${readyWithin / 1000} s`;
  }
  const said = await reason(server.logFile, from);
  throw new Unavailable(
    `The embedded PostgreSQL did not start on ${server.dataDir}, port ${port}: ${said === '' ? failure : said} (its log: ${server.logFile})`,
  );
}

/** Stops a server: first as it should be (fast shutdown, with a checkpoint), then without, then by force. Nothing committed is lost by either. */
export async function stopPostmaster(pid: number, graceful = 30_000): Promise<void> {
  signal(pid, 'SIGINT');
  if (await hasEnded(pid, graceful)) return;
  signal(pid, 'SIGQUIT');
  if (await hasEnded(pid, 5_000)) return;
  signal(pid, 'SIGKILL');
  await hasEnded(pid, 5_000);
}
