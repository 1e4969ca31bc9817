// The event node against a node that keeps nothing, in turns and through the same official client: what of the client's ceiling is reached,
// and what an append and a read cost the server. Beside it the platform's own append stream, the idle process, and what this machine
// takes for a bare fdatasync. Linux.
//
//   npm run bench:event-node [-- --seconds 3 --rounds 3 --events 100000 --folder /tmp]

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { compileWhenStale } from '../bin/compile.js';
import { connectEventStore } from '../src/adapters/eventstore/event-store.js';
import { appends, benchEvent, byClient, byOwnStream, type Reading, reads, type Sample } from './event-node-load.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '100000' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const events = Number(values.events);
const entry = fileURLToPath(new URL('../dist/adapters/embedded/event-node/process.js', import.meta.url));
const emptyNode = fileURLToPath(new URL('./empty-node.ts', import.meta.url));
const folder = mkdtempSync(join(values.folder, 'event-node-bench-'));
const STREAM = 'bench-read';

interface Node {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly readyMs: number;
}

async function start(...args: string[]): Promise<Node> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { port } = JSON.parse(String(line)) as { port: number };
  return { child, pid: child.pid ?? 0, url: `esdb://127.0.0.1:${port}?tls=false`, readyMs: performance.now() - began };
}

async function stop({ child }: Node): Promise<void> {
  child.stdin?.end();
  await once(child, 'exit');
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
const residentMb = ({ pid }: Node): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Microseconds that a write of 700 bytes and an fdatasync take: called, and by way of the thread pool. */
async function bareSync(): Promise<readonly [called: number, pooled: number]> {
  const file = openSync(join(folder, 'bare'), 'w');
  const bytes = Buffer.alloc(700);
  const sync = promisify(fdatasync);
  const times: number[][] = [[], []];
  for (let n = 0; n < 400; n++) {
    writeSync(file, bytes);
    const began = performance.now();
    if (n % 2 === 0) fdatasyncSync(file);
    else await sync(file);
    times[n % 2]?.push((performance.now() - began) * 1000);
  }
  closeSync(file);
  return [median(times[0] ?? []), median(times[1] ?? [])];
}

/** Medians of rounds in which the two nodes take turns. */
async function inTurns(measure: (node: Node) => Promise<Sample>, nodes: readonly Node[]): Promise<Sample[]> {
  const samples: Sample[][] = nodes.map(() => []);
  for (let round = 0; round < rounds; round++) for (const [i, node] of nodes.entries()) samples[i]?.push(await measure(node));
  return samples.map((of) => {
    const middle = (field: keyof Sample): number => median(of.map((sample) => sample[field]));
    return {
      perSecond: middle('perSecond'),
      serverCpu: middle('serverCpu'),
      clientCpu: middle('clientCpu'),
      p50: middle('p50'),
      p99: middle('p99'),
    };
  });
}

const whole = (number: number | undefined): string => Math.round(number ?? Number.NaN).toLocaleString('en');
const say = (line: string): void => console.log(line);

function row(what: string, [node, empty]: readonly Sample[], withTimes: boolean): void {
  const ratio = ((node?.perSecond ?? 0) / (empty?.perSecond ?? 1)).toFixed(2);
  const times = withTimes ? ` ${node?.p50.toFixed(2)} ms | ${node?.p99.toFixed(1)} ms |` : '';
  const cpu = (number = 0): string => number.toFixed(number < 10 ? 1 : 0);
  say(
    `| ${what} | ${whole(node?.perSecond)} | ${whole(empty?.perSecond)} | **${ratio}** |${times} ${cpu(node?.serverCpu)} us | ${cpu(empty?.serverCpu)} us | ${cpu(node?.clientCpu)} us |`,
  );
}

async function main(): Promise<void> {
  compileWhenStale({ typeErrors: 'print' });
  const ready: number[] = [];
  for (let n = 0; n < 5; n++) {
    const probe = await start(entry, '--data', join(folder, `probe-${n}`));
    ready.push(probe.readyMs);
    await stop(probe);
  }
  const node = await start(entry, '--data', join(folder, 'log'));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const idle = residentMb(node);
  const empty = await start('--import', 'tsx', emptyNode, String(events));
  const nodes = [node, empty];
  const clients = new Map(nodes.map((of) => [of, EventStoreDBClient.connectionString(of.url)]));
  const stores = new Map(nodes.map((of) => [of, connectEventStore({ url: of.url })]));
  const clientOf = (of: Node): EventStoreDBClient => clients.get(of) ?? EventStoreDBClient.connectionString(of.url);
  for (let n = 0; n < events; n += 50)
    await clientOf(node).appendToStream(
      STREAM,
      Array.from({ length: 50 }, (_, i) => benchEvent(n + i)),
    );

  say('| read of | events/s | empty node | ratio | server CPU an event | empty node | client CPU |\n|---|---|---|---|---|---|---|');
  for (const reading of ['a stream', '$all', 'a subscription to $all'] as const satisfies readonly Reading[])
    row(reading, await inTurns((of) => reads(of.pid, clientOf(of), reading, STREAM, events), nodes), false);

  const heads =
    'a second | empty node | ratio | p50 | p99 | server CPU an append | empty node | client CPU |\n|---|---|---|---|---|---|---|---|---|';
  say(`\n| official client, in flight | ${heads}`);
  const syncs: (readonly [number, number])[] = [];
  for (const inFlight of [1, 16, 64]) {
    syncs.push(await bareSync());
    row(String(inFlight), await inTurns((of) => appends(of.pid, inFlight, seconds, byClient(clientOf(of))), nodes), true);
  }
  say(`\n| own append stream, in flight | ${heads}`);
  for (const inFlight of [1, 16, 64, 256]) {
    const append = (of: Node) => byOwnStream(stores.get(of) ?? connectEventStore({ url: of.url }));
    row(String(inFlight), await inTurns((of) => appends(of.pid, inFlight, seconds, append(of)), nodes), true);
  }
  syncs.push(await bareSync());
  say(
    `\nReady in ${whole(median(ready))} ms (empty), ${whole(idle)} MB resident when idle, ${whole(residentMb(node))} MB after the run. A bare fdatasync took ${whole(median(syncs.map(([called]) => called)))} us, by way of the thread pool ${whole(median(syncs.map(([, pooled]) => pooled)))} us.`,
  );
  for (const client of clients.values()) await client.dispose();
  for (const store of stores.values()) await store.close();
  await Promise.all(nodes.map(stop));
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
