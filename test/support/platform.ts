// A whole platform for a test: the compiled command with all its parts embedded, as a newcomer starts it, driven over HTTP.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopPostmaster } from '../../src/adapters/embedded/postgres/postmaster.js';
import { isAlive, signal } from '../../src/adapters/embedded/processes.js';
import { eventually } from './condition.js';
import { expectAllowed, expectDescribed } from './described.js';
import { portToKeep } from './port.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Platform {
  readonly url: string;
  readonly pid: number;
  /** What it has written to its terminal so far. */
  output(): string;
  /** Both fail if the answer is not one that the OpenAPI document describes. */
  get<Body>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  send<Body>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** Ends it as Ctrl-C does, and waits. */
  stop(): Promise<number | null>;
  /** Kills it and every child it has, PostgreSQL included, at once, as a power cut would. */
  killEverything(): Promise<void>;
  /** Kills the one process alone. */
  kill(): Promise<void>;
  /** The ids of its child processes whose command line has these words. */
  children(words: string): readonly number[];
}

/** A data folder of the test's own. */
export interface PlatformHome {
  readonly folder: string;
  readonly port: number;
  start(settings?: Record<string, string>): Promise<Platform>;
  /** Stops what still runs and removes the folder. */
  remove(): Promise<void>;
}

function commandLines(): { pid: number; words: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), words: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return [];
      }
    });
}

/** Makes a home for a platform; nothing runs yet. */
export async function platformHome(): Promise<PlatformHome> {
  const folder = mkdtempSync(join(tmpdir(), 'panglot-system-'));
  const port = await portToKeep();
  const running = new Set<ChildProcess>();

  const ours = (words: string) => commandLines().filter((line) => line.words.includes(folder) && line.words.includes(words));
  const postmaster = () => {
    try {
      return Number(readFileSync(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      return null;
    }
  };

  async function start(settings: Record<string, string> = {}): Promise<Platform> {
    const child = spawn(process.execPath, [join(root, 'bin/panglot.js'), 'start'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: folder, PORT: String(port), LOG_FORMAT: 'json', ...settings },
    });
    running.add(child);
    const exited = once(child, 'exit');
    void exited.then(() => running.delete(child));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const url = `http://127.0.0.1:${port}`;

    async function ask<Body>(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer<Body>> {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers: answered } = response;
      expectDescribed({ method, address: path, status, headers: answered, text });
      expectAllowed(method, path, status, body);
      return { status, headers: answered, body: (text === '' ? null : JSON.parse(text)) as Body };
    }
    try {
      await eventually(async () => {
        if (child.exitCode !== null) return true;
        return (await fetch(`${url}/readyz`)).status === 200;
      }, 60_000);
    } catch (cause) {
      throw new Error(`The platform did not become ready: ${output}`, { cause });
    }
    if (child.exitCode !== null) throw new Error(`The platform ended with ${child.exitCode}: ${output}`);

    return {
      url,
      pid: child.pid ?? 0,
      output: () => output,
      get: (path, headers = {}) => ask('GET', path, undefined, headers),
      send: (method, path, body, headers = {}) => ask(method, path, body, headers),
      stop: async () => {
        child.kill('SIGINT');
        await exited;
        return child.exitCode;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
      killEverything: async () => {
        const victims = [...ours('').map(({ pid }) => pid), postmaster() ?? 0, child.pid ?? 0].filter((pid) => pid > 0);
        for (const pid of victims) signal(pid, 'SIGKILL');
        await eventually(() => victims.every((pid) => !isAlive(pid)));
      },
      children: (words) => ours(words).map(({ pid }) => pid),
    };
  }

  return {
    folder,
    port,
    start,
    remove: async () => {
      for (const child of running) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
      const pid = postmaster();
      if (pid !== null && isAlive(pid)) await stopPostmaster(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
