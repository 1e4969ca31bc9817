// Runs a script of the tests as a process of its own that says one JSON line and then stays until it is told to go, or is killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

export interface ScriptOptions {
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Script<Said> {
  readonly said: Said;
  readonly process: ChildProcess;
  /** Kills it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Closes its stdin and waits until it has ended. */
  end(): Promise<void>;
}

/** Fulfilled when the script has said its line. What it writes to stderr is in the error if it ends before. */
export async function runScript<Said>(
  file: string,
  args: readonly string[],
  schema: z.ZodType<Said>,
  options: ScriptOptions = {},
): Promise<Script<Said>> {
  const child = spawn(process.execPath, [file, ...args], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint += String(data);
  });
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), once(child, 'close').then(() => undefined)]);
  if (line === undefined) throw new Error(`${file} ended before it said anything: ${complaint}`);
  return {
    said: schema.parse(JSON.parse(String(line[0]))),
    process: child,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
