// The load that a node is measured with: appends through the official client and through the platform's own append stream, reads and
// subscriptions through the official client.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import type { EventStore } from '../src/domain/log/event-store.js';

const text = 'x'.repeat(480);
const microsecondsPerTick = 10_000;

/** An event of 500 bytes. */
export const benchEvent = (n: number) => jsonEvent({ id: randomUUID(), type: 'Benched', data: { n: 1e6 + n, text } });

export interface Sample {
  readonly perSecond: number;
  /** Of the server's process; microseconds each. */
  readonly serverCpu: number;
  readonly clientCpu: number;
  /** Milliseconds; only for appends. */
  readonly p50: number;
  readonly p99: number;
}

const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
};

async function sampleOf(pid: number, work: () => Promise<{ count: number; times: number[] }>): Promise<Sample> {
  const [server, client, began] = [cpuOf(pid), process.cpuUsage(), performance.now()];
  const { count, times } = await work();
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(client);
  times.sort((a, b) => a - b);
  return {
    perSecond: count / seconds,
    serverCpu: (cpuOf(pid) - server) / count,
    clientCpu: (used.user + used.system) / count,
    p50: times[times.length >> 1] ?? Number.NaN,
    p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
  };
}

/** Appends of one event, so many at a time, each to a stream of its own. */
export function appends(
  pid: number,
  inFlight: number,
  seconds: number,
  append: (stream: string) => Promise<unknown>,
): Promise<Sample> {
  return sampleOf(pid, async () => {
    const times: number[] = [];
    const until = performance.now() + seconds * 1000;
    const run = randomUUID();
    const writer = async (n: number): Promise<void> => {
      for (let began = performance.now(); began < until; ) {
        await append(`bench-${run}-${n}`);
        const now = performance.now();
        times.push(now - began);
        began = now;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, (_, n) => writer(n)));
    return { count: times.length, times };
  });
}

export const byClient = (client: EventStoreDBClient) => (stream: string) => client.appendToStream(stream, [benchEvent(0)]);

const data = Buffer.from(JSON.stringify({ n: 1e6, text }));
/** At the exact revision, as the platform appends. */
export function byOwnStream(store: EventStore): (stream: string) => Promise<unknown> {
  const next = new Map<string, number>();
  return (stream) => {
    const revision = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    const event = { id: randomUUID(), type: 'Benched', data, metadata: Buffer.alloc(0) };
    return store.append(stream, [event], revision === 0 ? 'no-stream' : revision - 1);
  };
}

export type Reading = 'a stream' | '$all' | 'a subscription to $all';

/** Reads so many events. */
export function reads(pid: number, client: EventStoreDBClient, reading: Reading, stream: string, count: number): Promise<Sample> {
  return sampleOf(pid, async () => {
    const source =
      reading === 'a stream'
        ? client.readStream(stream, { maxCount: count })
        : reading === '$all'
          ? client.readAll({ fromPosition: START, maxCount: count })
          : client.subscribeToAll({ fromPosition: START });
    let read = 0;
    for await (const _ of source) {
      read += 1;
      if (read === count) break;
    }
    return { count: read, times: [] };
  });
}
