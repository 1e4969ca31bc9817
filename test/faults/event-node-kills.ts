// Kills an event node again and again while it works, and holds what it finds afterwards against what was acknowledged: nothing lost, no
// gap, no half batch, positions that never change and only grow. It counts; judging is its caller's.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { OperationsClient } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import { credentials } from '@grpc/grpc-js';
import { createLedger, type Findings } from './ledger.js';

/** What the node is doing when it is killed. */
export const moments = ['appending', 'starting', 'scavenging', 'closing'] as const;
export type Moment = (typeof moments)[number];

export interface Campaign {
  readonly kills: number;
  /** The same seed makes the same choices; the timing is the machine's. */
  readonly seed: number;
  /** Kills on one log; then a new one begins. */
  readonly killsALog: number;
  readonly progress?: (line: string) => void;
}

export interface CampaignReport extends Findings {
  readonly kills: Readonly<Record<Moment, number>>;
  readonly acknowledged: number;
  readonly tornTails: number;
  /** Starts after a kill, and those that were refused, with what they said. */
  readonly starts: number;
  readonly refused: readonly string[];
  readonly scavenges: number;
  readonly seconds: number;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const entry = fileURLToPath(new URL('../../dist/adapters/embedded/event-node/process.js', import.meta.url));
const WRITERS = 16;
const PADDING = 'x'.repeat(300);

/** Runs the campaign. Segments are small, so that they are completed, indexed and scavenged all the time. */
export async function killEventNodes({ kills: wanted, seed, killsALog, progress }: Campaign): Promise<CampaignReport> {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const kills: Record<Moment, number> = { appending: 0, starting: 0, scavenging: 0, closing: 0 };
  const refused: string[] = [];
  let [acknowledged, tornTails, starts, scavenges] = [0, 0, 0, 0];
  const began = performance.now();
  const found = { lost: 0, gaps: 0, halfBatches: 0, disorder: 0, moved: 0 };
  let folder = '';
  let ledger = createLedger(found);

  function run(): Child {
    const bytes = String(20_000 + below(200_000));
    const args = ['--data', folder, '--segment-bytes', bytes, '--read-whole-bytes', random() < 0.7 ? '0' : '1000000000'];
    const child = spawn(process.execPath, [entry, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('have been cut') || line.includes('created again')) tornTails += 1;
      if (line.includes('A scavenge has removed')) {
        scavenges += 1;
        child.emit('scavenged');
      }
      if (line.includes('takes no more appends') || line.includes('did not end well')) refused.push(line);
    });
    return child;
  }

  async function kill(child: Child, moment: Moment): Promise<void> {
    kills[moment] += 1;
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exited;
  }

  /** The port of a node that is ready; `undefined` if it ended before. */
  async function portOf(child: Child): Promise<number | undefined> {
    const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'close').then(() => [])]);
    if (line.length === 0) return undefined;
    const said = JSON.parse(String(line[0])) as { port?: number; error?: string };
    if (said.port === undefined) refused.push(String(said.error));
    return said.port;
  }

  /** Appends to a stream of its own, one append after the other, until the node is gone. */
  async function write(client: EventStoreDBClient, stream: string, answered: () => void): Promise<void> {
    for (;;) {
      const first = ledger.nextOf(stream);
      const count = 1 + below(5);
      const events = Array.from({ length: count }, (_, n) =>
        jsonEvent({ type: 'Counted', data: { revision: first + n, first, count, padding: PADDING } }),
      );
      ledger.pending(stream, count);
      const expectedRevision = first === 0 ? 'no_stream' : BigInt(first - 1);
      const { position } = await client.appendToStream(stream, events, { expectedRevision });
      ledger.acknowledged(stream, position?.commit);
      acknowledged += 1;
      answered();
    }
  }

  async function work(port: number, child: Child, moment: Moment): Promise<void> {
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
    await ledger.verify(client);
    const streams = Array.from({ length: WRITERS }, (_, n) => `stream-${n % 12 < 8 ? n : `${n}-${below(1000)}`}`);
    for (const stream of streams.slice(0, 4)) {
      const maxCount = 1 + below(20);
      ledger.limited(stream, maxCount);
      await client.setStreamMetadata(stream, { maxCount });
    }
    let left = 1 + below(400);
    let reached = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const writing = Promise.allSettled(
      streams.map((stream) =>
        write(client, stream, () => {
          left -= 1;
          if (left === 0) reached();
        }),
      ),
    );
    // A writer that ends before the kill has met an error, which is then what the kill leaves unknown.
    await Promise.race([enough, writing]);
    if (moment === 'scavenging') {
      const remote = new OperationsClient(`127.0.0.1:${port}`, credentials.createInsecure());
      const ended = once(child, 'scavenged');
      await new Promise((resolve) => remote.startScavenge(new operations.StartScavengeReq(), resolve));
      // In its midst, or when it has ended: then its work must still be there.
      await (random() < 0.3 ? Promise.race([ended, writing]) : delay(random() ** 2 * 400));
      remote.close();
    } else if (moment === 'closing') {
      child.kill('SIGTERM');
      await delay(random() * 30);
    } else await delay(random() * 5);
    await kill(child, moment);
    await writing;
    await client.dispose();
  }

  async function round(moment: Moment): Promise<void> {
    const child = run();
    starts += 1;
    if (moment === 'starting') {
      await delay(150 + random() * 450);
      await kill(child, moment);
      return;
    }
    const port = await portOf(child);
    if (port === undefined) await kill(child, moment);
    else await work(port, child, moment);
  }

  async function lastLook(): Promise<void> {
    const child = run();
    starts += 1;
    const port = await portOf(child);
    if (port !== undefined) {
      const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
      await ledger.verify(client);
      await client.dispose();
    }
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  for (let done = 0; done < wanted; ) {
    folder = await mkdtemp(join(tmpdir(), 'event-node-kills-'));
    ledger = createLedger(found);
    try {
      for (let n = 0; n < killsALog && done < wanted && refused.length === 0; n++, done++)
        await round(n === 0 ? 'appending' : (moments[below(moments.length + 2)] ?? 'appending'));
      await lastLook();
    } finally {
      if (refused.length === 0) await rm(folder, { recursive: true, force: true });
    }
    progress?.(`${done} kills, ${acknowledged} appends acknowledged, ${JSON.stringify({ ...found, tornTails, scavenges })}`);
    if (refused.length > 0) break;
  }
  return { ...found, kills, acknowledged, tornTails, starts, refused, scavenges, seconds: (performance.now() - began) / 1000 };
}

/** Mulberry32: numbers from 0 to 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
