// A disk that is full, and one whose fdatasync fails, under a node that is a process: what was acknowledged stays, and the node says why
// it takes no more. These need Linux and root (a file system of their own) or strace; where those are not, only the injected faults of
// durability.test.ts are run.

import { spawn, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EventStoreDBClient, START, UnknownError } from '@eventstore/db-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Child, startNode } from './child.js';
import { collect, newEvent, ways } from './connection.js';
import { freshFolder } from './log-folder.js';

const can = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const hasStrace = process.platform === 'linux' && can('strace', '-V');

async function started(folder: string): Promise<Child> {
  const child = await startNode('--data', folder);
  onTestFinished(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  return child;
}

function clientOf({ url }: Child): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  onTestFinished(() => client.dispose());
  return client;
}

/** Appends one event after the other until one fails; how many did not, and how the one did. */
async function appendUntilItFails(client: EventStoreDBClient, stream: string): Promise<{ acknowledged: number; error: Error }> {
  for (let acknowledged = 0; ; acknowledged++) {
    const expectedRevision = acknowledged === 0 ? 'no_stream' : BigInt(acknowledged - 1);
    try {
      await client.appendToStream(stream, [newEvent(acknowledged)], { expectedRevision });
    } catch (error) {
      if (error instanceof Error) return { acknowledged, error };
      throw error;
    }
  }
}

/** It answers reads, refuses appends with the reason, and after a kill and a start everything acknowledged is there. */
async function expectReadOnly(
  node: Child,
  client: EventStoreDBClient,
  stream: string,
  acknowledged: number,
  why: RegExp,
): Promise<void> {
  expect((await collect(client.readStream(stream))).length).toBe(acknowledged);
  // The client gives the reason of a single call only.
  await expect(client.appendToStream('another', [newEvent()], ways[1].options)).rejects.toThrow(why);
  await expect(client.appendToStream('another', [newEvent()])).rejects.toThrow();
  node.process.kill('SIGKILL');
  await node.exited;
  expect(await node.stderr).toMatch(why);
}

describe('a disk', () => {
  it.runIf(isRoot)('that is full fails the append and ends appending, and nothing acknowledged is lost', async ({ skip }) => {
    const folder = join(await freshFolder(), 'disk');
    await mkdir(folder);
    if (!can('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder)) skip();
    onTestFinished(() => void spawnSync('umount', ['-l', folder]));
    const node = await started(folder);
    const client = clientOf(node);
    const { acknowledged, error } = await appendUntilItFails(client, 'order-1');
    expect(error).toBeInstanceOf(UnknownError);
    expect(acknowledged).toBeGreaterThan(100);
    await expectReadOnly(node, client, 'order-1', acknowledged, /ENOSPC.*takes no more appends/);
    expect((await started(folder)).said).toMatchObject({ ready: false, error: expect.stringMatching(/disk .* is full/) });
    spawnSync('mount', ['-o', 'remount,size=4m', folder]);
    const again = clientOf(await started(folder));
    await again.appendToStream('order-2', [newEvent()], { expectedRevision: 'no_stream' });
    const revisions = await collect(again.readStream('order-1'));
    expect(revisions.map(({ event }) => event?.revision)).toEqual(Array.from({ length: acknowledged }, (_, n) => BigInt(n)));
  });

  it.runIf(hasStrace)('whose fdatasync fails once ends appending for good, and nothing acknowledged is lost', async ({ skip }) => {
    const folder = await freshFolder();
    const node = await started(folder);
    const client = clientOf(node);
    for (let n = 0; n < 20; n++)
      await client.appendToStream('order-1', [newEvent(n)], { expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1) });
    const pid = String(node.process.pid);
    const strace = spawn('strace', ['-f', '-qq', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=1', '-p', pid], {
      stdio: 'ignore',
    });
    onTestFinished(() => void strace.kill());
    let failed = false;
    strace.once('exit', () => {
      failed = true;
    });
    const { error } = await appendUntilItFails(client, 'order-2');
    if (failed) skip();
    expect(error).toBeInstanceOf(UnknownError);
    strace.kill();
    await expectReadOnly(node, client, 'order-1', 20, /EIO.*takes no more appends/);
    const again = clientOf(await started(folder));
    expect(await collect(again.readStream('order-1'))).toHaveLength(20);
    expect((await collect(again.readAll({ fromPosition: START }))).length).toBeGreaterThanOrEqual(20);
  });
});
