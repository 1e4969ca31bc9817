// A log of ten million events of 500 bytes in two million streams: how long the event node takes to start on it, in good order, after
// kill -9 and without its index files, what memory it holds, and whether a stream's read knows how large the log is. Linux.
//
//   npm run bench:event-node-scale [-- --events 10000000 --streams 2000000 --keep FOLDER]

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { openFolder } from '../src/adapters/embedded/event-node/open-log.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    streams: { type: 'string', default: '2000000' },
    keep: { type: 'string' },
  },
});
const events = Number(values.events);
const streams = Number(values.streams);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'event-node-scale-'));
const entry = fileURLToPath(new URL('../dist/adapters/embedded/event-node/process.js', import.meta.url));
const SEGMENT_BYTES = 256 * 1024 * 1024;

const streamOf = (n: number): string => `order-${(n % streams).toString(16).padStart(8, '0')}-4d3a-4b6e-9c1f-0123456789ab`;

async function fill(): Promise<void> {
  const { journal, close } = await openFolder(folder, 0, {
    segmentBytes: SEGMENT_BYTES,
    readWholeBytes: 0,
    log: (line) => console.error(line),
  });
  const data = Buffer.alloc(500, 'x');
  const began = performance.now();
  for (let n = 0; n < events; n++) {
    const event = { id: randomUUID(), type: Buffer.from('OrderPlaced'), json: true, metadata: Buffer.alloc(0), data };
    journal.append(Buffer.from(streamOf(n)), [event]);
    if (n % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
    if (journal.congested) await new Promise((resolve) => journal.whenSettled(resolve));
  }
  await new Promise((resolve) => journal.whenSettled(resolve));
  await close();
  console.log(`filled in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly seconds: number;
}

async function start(): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [entry, '--data', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { port, error } = JSON.parse(String(line)) as { port?: number; error?: string };
  if (port === undefined) throw new Error(error);
  return { child, url: `esdb://127.0.0.1:${port}?tls=false`, seconds: (performance.now() - began) / 1000 };
}

const residentMb = ({ pid }: ChildProcess, field = 'VmRSS'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** User and system time so far. */
function cpuSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function stop({ child }: Started, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

/** Median time of reading a whole stream of the log, in milliseconds. */
async function readStreams(url: string, count: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(url);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    let read = 0;
    for await (const _ of client.readStream(streamOf(Math.floor((i * streams) / count)))) read += 1;
    if (read !== events / streams) throw new Error(`The stream had ${read} events.`);
    times.push(performance.now() - began);
  }
  await client.dispose();
  return times.sort((a, b) => a - b)[count >> 1] ?? Number.NaN;
}

async function report(what: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const node = await start();
  const ready = residentMb(node.child);
  const cpu = cpuSeconds(node.child);
  const read = await readStreams(node.url, 500);
  const peak = residentMb(node.child, 'VmHWM');
  console.log(
    `| ${what} | ${node.seconds.toFixed(2)} s | ${cpu.toFixed(2)} s | ${ready.toFixed(0)} MB | ${residentMb(node.child).toFixed(0)} MB | ${peak.toFixed(0)} MB | ${read.toFixed(2)} ms |`,
  );
  await stop(node, signal);
}

const without = (kind: RegExp): void => {
  for (const name of readdirSync(folder)) if (kind.test(name)) rmSync(join(folder, name));
};

try {
  if (!existsSync(join(folder, '00000000000000000000.segment'))) await fill();
  console.log(
    '| start | ready in | of it CPU | resident when ready | after 500 reads | peak | one stream read |\n|---|---|---|---|---|---|---|',
  );
  await report('after a good end', 'SIGTERM');
  await report('again', 'SIGKILL');
  await report('after kill -9', 'SIGTERM');
  without(/\.idx$/);
  await report('without index files', 'SIGTERM');
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
