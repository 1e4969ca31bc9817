// Keeps a child process of ours running: starts it, waits until it says that it is ready, passes on what it says, starts it again on
// the same port when it dies, and stops it. What the child does is its own matter.
//
// What a child has to do: write one JSON line to stdout, `{"ready":true,"port":N}` or `{"ready":false,"error":"a sentence"}`; end in
// good order when its stdin ends, which also happens when this process is killed; listen on the port that it is given.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Unavailable } from '../../domain/log/errors.js';
import { type Log, silent } from '../log.js';
import { isErrno, restartDelay } from './processes.js';

/** A compiled file of this package, as a path from its root (`dist/...`), run by this Node; or any command. */
export type Program = { readonly entry: string } | { readonly command: readonly [string, ...string[]] };

export interface ChildOptions {
  /** What it is called in sentences: `event node`. */
  readonly name: string;
  readonly program: Program;
  /** The arguments for a port; 0 the first time, if none is wanted: the child then chooses one and keeps it. */
  readonly args: (port: number) => readonly string[];
  readonly port?: number;
  readonly log?: Log;
  /** Told each time the child ends without having been asked to, before it is started again. */
  readonly onExit?: (how: string) => void;
  /** Milliseconds until a child that does not say it is ready is given up (60 s); recovery of a large store counts. */
  readonly readyWithin?: number;
  /** Milliseconds that the child has for a good end (10 s). */
  readonly stopWithin?: number;
}

export interface SupervisedChild {
  readonly port: number;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Ends the child and waits until it is gone. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

interface Attempt {
  readonly child: Child;
  /** How it ended, in words. */
  readonly ended: Promise<string>;
  /** The port, or a rejection with a sentence. */
  readonly ready: Promise<number>;
}

const readyLine = z.union([
  z.object({ ready: z.literal(true), port: z.int().min(1).max(65_535) }),
  z.object({ ready: z.literal(false), error: z.string() }),
]);

/** A child that lived this long, in milliseconds, has left its earlier failures behind. */
const settled = 30_000;
const afterTerm = 2_000;

/** The line of an uncaught error that tells; a stack and Node's version follow it. */
const thrown = /^\w*Error\b/;

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function commandOf(program: Program): readonly [string, ...string[]] {
  return 'command' in program ? program.command : [process.execPath, join(packageRoot(), program.entry)];
}

function parseReady(line: string) {
  if (!line.startsWith('{')) return undefined;
  try {
    return readyLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function launch(options: ChildOptions, port: number, log: Log): Attempt {
  const { name } = options;
  const [command, ...first] = commandOf(options.program);
  const child = spawn(command, [...first, ...options.args(port)], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  let lastWords = '';
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const stdout = createInterface({ input: child.stdout });
  const ready = new Promise<number>((resolve, reject) => {
    let answered = false;
    stdout.on('line', (line) => {
      const said = answered ? undefined : parseReady(line);
      if (said === undefined) return log.info({ child: name }, line);
      answered = true;
      if (said.ready) resolve(said.port);
      else reject(new Unavailable(said.error));
    });
    void ended.then((how) =>
      reject(new Unavailable(`The ${name} ended while it was starting (${how})${lastWords === '' ? '.' : `: ${lastWords}`}`)),
    );
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() !== '' && !thrown.test(lastWords)) lastWords = line;
    log.warn({ child: name }, line);
  });
  return { child, ended, ready };
}

/** The child is the leader of its process group, so that what it started ends with it. */
function killGroup({ child }: Attempt, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH', 'EPERM')) throw error;
  }
}

/** Whether the promise is fulfilled within so many milliseconds. Leaves no timer behind. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const over = new AbortController();
  const timer = delay(milliseconds, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), timer]);
  } finally {
    over.abort();
  }
}

async function end(attempt: Attempt, stopWithin: number): Promise<void> {
  attempt.child.stdin.end();
  if (await within(attempt.ended, stopWithin)) return;
  killGroup(attempt, 'SIGTERM');
  if (await within(attempt.ended, afterTerm)) return;
  killGroup(attempt, 'SIGKILL');
  await attempt.ended;
}

/** Starts one and waits until it is ready; one that is not, is gone when this throws. */
async function startOnce(options: ChildOptions, port: number, log: Log, onLaunch: (attempt: Attempt) => void) {
  const attempt = launch(options, port, log);
  onLaunch(attempt);
  const readyWithin = options.readyWithin ?? 60_000;
  try {
    if (!(await within(attempt.ready, readyWithin)))
      throw new Unavailable(`The ${options.name} did not become ready within ${readyWithin / 1000} s.`);
    return { attempt, port: await attempt.ready };
  } catch (error) {
    killGroup(attempt, 'SIGKILL');
    await attempt.ended;
    throw error;
  }
}

/**
 * Starts a child process and keeps it running, on one port, until `stop`.
 * @throws Unavailable the first start failed: with the child's own sentence, if it gave one.
 */
export async function startChild(options: ChildOptions): Promise<SupervisedChild> {
  const log = options.log ?? silent;
  const stopping = new AbortController();
  let current: Attempt | undefined;
  const onLaunch = (attempt: Attempt) => {
    current = attempt;
    if (stopping.signal.aborted) attempt.child.stdin.end();
  };
  const first = await startOnce(options, options.port ?? 0, log, onLaunch);
  const { port } = first;

  async function watch(): Promise<void> {
    let running: Attempt | undefined = first.attempt;
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (running !== undefined) {
        const since = performance.now();
        const how = await running.ended;
        current = undefined;
        if (stopping.signal.aborted) return;
        if (performance.now() - since >= settled) failures = 0;
        log.error({ child: options.name, port }, `The ${options.name} ended (${how}); it is started again on the same port.`);
        options.onExit?.(how);
      }
      await delay(restartDelay(failures), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      failures += 1;
      running = await startOnce(options, port, log, onLaunch).then(
        ({ attempt }) => attempt,
        (error: unknown) => {
          current = undefined;
          if (!stopping.signal.aborted)
            log.error({ child: options.name, err: error }, `The ${options.name} could not be started again yet.`);
          return undefined;
        },
      );
    }
  }
  const watching = watch();

  async function stop(): Promise<void> {
    stopping.abort();
    if (current !== undefined) await end(current, options.stopWithin ?? 10_000);
    await watching;
  }
  let stopped: Promise<void> | undefined;

  return {
    port,
    get pid() {
      return current?.child.pid;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
