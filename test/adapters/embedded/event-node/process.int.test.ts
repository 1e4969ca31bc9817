// The node as a process: what it says, when it ends, and that nothing it acknowledged is lost when it is killed.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createEventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { Unavailable } from '../../../../src/domain/log/errors.js';
import { eventually } from '../../../support/condition.js';
import { portToKeep } from '../../../support/port.js';
import { type Child, startNode } from './child.js';
import { collect, newEvent, newEvents } from './connection.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-node-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function started(...args: string[]): Promise<Child> {
  const child = await startNode(...args);
  onTestFinished(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  return child;
}

function clientOf({ url }: { readonly url: string }): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  onTestFinished(() => client.dispose());
  return client;
}

const residentMb = async ({ process: { pid } }: Child): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

describe('the event node as a process', () => {
  it('keeps everything that it acknowledged when it is killed under load, twice', async () => {
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < 2; round++) {
      const node = await started('--data', folder);
      const client = clientOf(node);
      let answers = 0;
      const write = async (stream: string): Promise<void> => {
        for (;;) {
          const at = acknowledged.get(stream);
          const expectedRevision = at === undefined ? 'no_stream' : BigInt(at);
          const { nextExpectedRevision } = await client.appendToStream(stream, newEvents(2), { expectedRevision });
          acknowledged.set(stream, Number(nextExpectedRevision));
          answers += 1;
          if (answers === 2000) node.process.kill('SIGKILL');
        }
      };
      await Promise.allSettled(Array.from({ length: 16 }, (_, n) => write(`kill-${round}-${n}`)));
      expect(await node.exited).toBeNull();
      expect(answers).toBeGreaterThanOrEqual(2000);
    }
    const client = clientOf(await started('--data', folder));
    for (const [stream, last] of acknowledged) {
      const revisions = (await collect(client.readStream(stream))).map(({ event }) => Number(event?.revision));
      expect(revisions.length).toBeGreaterThan(last);
      expect(revisions).toEqual(Array.from(revisions.keys()));
    }
    const positions = (await collect(client.readAll({ fromPosition: START }))).map(({ event }) => event?.position.commit ?? 0n);
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('ends in good order on SIGTERM, and when its stdin ends', async () => {
    const port = await portToKeep();
    const first = await started('--data', folder, '--port', String(port));
    await clientOf(first).appendToStream('order-1', newEvents(1), { expectedRevision: 'no_stream' });
    first.process.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = await started('--data', folder, '--port', String(port));
    expect([first.port, second.port]).toEqual([port, port]);
    expect(await collect(clientOf(second).readStream('order-1'))).toHaveLength(1);
    second.process.stdin.end();
    expect(await second.exited).toBe(0);
    expect(await second.stderr).toBe('');
  });

  it('refuses a port that is taken, with a sentence', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const child = await started('--port', String(port));
    expect(child.said).toEqual({ ready: false, error: expect.stringContaining(`127.0.0.1:${port}: the port is taken`) });
    expect(await child.exited).toBe(1);
  });

  it.runIf(process.platform === 'linux')('does not grow while a subscriber stalls, and serves it when it goes on', async () => {
    const node = await started('--data', folder);
    const reader = clientOf(node);
    const client = clientOf(node);
    const subscription = reader.subscribeToStream('large');
    let received = 0;
    subscription.on('data', () => {
      received += 1;
    });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    subscription.pause();
    const text = 'x'.repeat(200_000);
    const append = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++)
        await client.appendToStream('large', [jsonEvent({ type: 'Large', data: { text } })], { expectedRevision: 'any' });
    };
    await append(100);
    const before = await residentMb(node);
    await append(400);
    expect((await residentMb(node)) - before).toBeLessThan(50);
    subscription.resume();
    await eventually(() => received === 500);
    await subscription.unsubscribe();
  });
});

describe('a folder', () => {
  it('belongs to one node: a second is refused by name of the first, and may come when it has closed', async () => {
    const first = await createEventNode({ dataDir: folder });
    await expect(createEventNode({ dataDir: folder })).rejects.toThrow(Unavailable);
    await expect(createEventNode({ dataDir: folder })).rejects.toThrow(`in use by another event node (process ${process.pid})`);
    const waiting = createEventNode({ dataDir: folder, waitForFolderMs: 20_000 });
    await first.close();
    await (await waiting).close();
  });

  it('is free again when its node was killed, also if its process id has a new owner', async () => {
    const killed = await started('--data', folder);
    killed.process.kill('SIGKILL');
    await killed.exited;
    const next = await createEventNode({ dataDir: folder });
    await next.close();
    if (process.platform !== 'linux') return;
    await writeFile(join(folder, 'node.lock'), `${process.pid} 1 another-life\n`);
    const last = await createEventNode({ dataDir: folder });
    await last.close();
  });
});

describe('a node that closes', () => {
  it('answers what it has taken, then ends streams and subscriptions', async () => {
    const node = await createEventNode({ dataDir: folder });
    const client = clientOf(node);
    const subscription = client.subscribeToAll({ fromPosition: START });
    const failed = new Promise<Error>((resolve) => subscription.once('error', resolve));
    subscription.resume();
    await client.appendToStream('order-0', [newEvent()], { expectedRevision: 'no_stream' });
    const appends = Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        client.appendToStream(`order-${n + 1}`, [newEvent(n)], { expectedRevision: 'no_stream' }),
      ),
    );
    await node.close();
    expect((await failed).message).toContain('shutting down');
    const answered = (await appends).filter(({ status }) => status === 'fulfilled').length;
    const again = await createEventNode({ dataDir: folder });
    const stored = await collect(clientOf(again).readAll({ fromPosition: START }));
    expect(stored.length).toBeGreaterThanOrEqual(answered + 1);
    await again.close();
  });
});
