// Runs once before all tests: brings dist/ up to date, because child processes run compiled code, and starts one PostgreSQL for the
// whole run. Its data goes when the run ends; what a killed run left behind goes when the next one starts.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileWhenStale } from '../../bin/compile.js';
import { startEmbeddedPostgres } from '../../src/adapters/embedded/postgres/launcher.js';
import { findRunning, stopPostmaster } from '../../src/adapters/embedded/postgres/postmaster.js';
import { isAlive } from '../../src/adapters/embedded/processes.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL, as its superuser. Take a database of your own: `freshDatabase()`. */
    postgresUrl: string;
  }
}

const prefix = 'panglot-test-';

async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.slice(prefix.length));
    if (!name.startsWith(prefix) || !Number.isInteger(pid) || isAlive(pid)) continue;
    const running = await findRunning(join(tmpdir(), name, 'postgres', 'data'));
    if (running !== undefined) await stopPostmaster(running.pid);
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  compileWhenStale({ typeErrors: 'print' });
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${prefix}${process.pid}`);
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const postgres = await startEmbeddedPostgres({ dataDir });
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
