// The node as the platform runs it: a compiled child process on a folder.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const entry = fileURLToPath(new URL('../../../../dist/adapters/embedded/event-node/process.js', import.meta.url));

const firstLine = z.union([
  z.object({ ready: z.literal(true), port: z.int() }),
  z.object({ ready: z.literal(false), error: z.string() }),
]);

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it said first. */
  readonly said: z.infer<typeof firstLine>;
  readonly port: number;
  readonly url: string;
  /** Everything it said on stderr; fulfils when it has ended. */
  readonly stderr: Promise<string>;
  /** Fulfils with the exit code, or `null` where a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts the node and waits for its first line. */
export async function startNode(...args: string[]): Promise<Child> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const stderr = text(child.stderr);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const said = firstLine.parse(JSON.parse(String(line)));
  const port = said.ready ? said.port : 0;
  return { process: child, said, port, url: `esdb://127.0.0.1:${port}?tls=false`, stderr, exited };
}
