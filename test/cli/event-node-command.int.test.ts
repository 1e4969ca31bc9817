// `panglot event-node` and `panglot event-node copy` as processes: what they print, how they exit, how they take Ctrl-C and kill -9.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AccessDeniedError, EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createEventNode, type EventNode } from '../../src/adapters/embedded/event-node/event-node.js';
import { connectEventStore } from '../../src/adapters/eventstore/event-store.js';
import { identifyLog } from '../../src/adapters/eventstore/log-identity.js';
import { collect, newEvents } from '../adapters/embedded/event-node/connection.js';
import { eventually } from '../support/condition.js';

const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const certificate = fileURLToPath(new URL('../fixtures/tls/localhost.crt', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/localhost.key', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-node-command-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<number | null>;
}

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [command, 'event-node', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (said.stdout += String(data)));
  child.stderr.on('data', (data) => (said.stderr += String(data)));
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, said, ended };
}

async function run(...args: readonly string[]) {
  const { said, ended } = start(...args);
  const code = await ended;
  return { code, ...said };
}

const urlOf = ({ said }: Started): Promise<string> => eventually(() => /Connect\s+(esdb:\S+)/.exec(said.stdout)?.[1]);

function clientOf(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  onTestFinished(() => client.dispose());
  return client;
}

async function startNode(): Promise<EventNode> {
  const node = await createEventNode({});
  onTestFinished(() => node.close());
  return node;
}

describe('panglot event-node', () => {
  it('serves a folder, says where, ends in good order on Ctrl-C, and finds everything again', async () => {
    const first = start('--data', folder, '--port', '0');
    const url = await urlOf(first);
    expect(first.said.stdout).toContain(folder);
    await clientOf(url).appendToStream('order-1', newEvents(3), { expectedRevision: 'no_stream' });
    const health = /Health\s+(\S+)/.exec(first.said.stdout)?.[1] ?? '';
    expect((await fetch(health)).status).toBe(204);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.said).toEqual({ stdout: expect.stringContaining('The event node has stopped.'), stderr: '' });
    const second = start('--data', folder, '--port', '0');
    expect(await collect(clientOf(await urlOf(second)).readStream('order-1'))).toHaveLength(3);
  });

  it('serves TLS to its user, and nobody else', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'open sesame\n');
    const node = start(
      '--port',
      '0',
      '--tls-cert',
      certificate,
      '--tls-key',
      key,
      '--user',
      'ops',
      '--password-file',
      passwordFile,
    );
    const address = new URL(await urlOf(node)).host.replace('127.0.0.1', 'localhost');
    const options = `tls=true&tlsCAFile=${certificate}`;
    await clientOf(`esdb://ops:open%20sesame@${address}?${options}`).appendToStream('order-1', newEvents(1));
    await expect(clientOf(`esdb://${address}?${options}`).appendToStream('order-1', newEvents(1))).rejects.toThrow(
      AccessDeniedError,
    );
    expect(node.said.stderr).toBe('');
    expect(node.said.stdout).toContain('in memory');
  });

  it('warns where it listens beyond this machine without both', async () => {
    const node = start('--port', '0', '--host', '0.0.0.0');
    await urlOf(node);
    await eventually(() => node.said.stderr.includes('Warning: Whoever reaches 0.0.0.0 can read, write and delete everything'));
  });

  it.each([
    [['--port', 'many'], 'It should be a whole number from 0 (any) to 65535.', 2],
    [['--tls-cert', certificate], '--tls-cert and --tls-key go together.', 1],
    [['--user', 'ops'], '--user and --password-file go together.', 1],
    [['--user', 'ops', '--password-file', '/nowhere/password'], '/nowhere/password cannot be read', 1],
    [['--tls-cert', command, '--tls-key', key], 'The event node did not start', 1],
    [['copy', '--to', 'http://localhost'], 'It should be a connection string, esdb://...', 2],
    [['copy', '--to', 'esdb://localhost'], 'Say where from: either --from or --data.', 1],
  ])('%j is refused with a sentence', async (args, sentence, exitCode) => {
    const { code, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringContaining(sentence) });
  });

  it('is refused a folder that another node has', async () => {
    const node = await createEventNode({ dataDir: folder });
    onTestFinished(() => node.close());
    expect(await run('--data', folder, '--port', '0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by another event node'),
    });
  });
});

describe('panglot event-node copy', () => {
  it('copies a folder, says what was copied and what cannot be, and exits with 0 when both are equal', async () => {
    const source = await createEventNode({ dataDir: folder });
    const store = connectEventStore({ url: source.url });
    const logId = await identifyLog(store, '1.0.0');
    await store.close();
    await clientOf(source.url).appendToStream('order-1', newEvents(10), { expectedRevision: 'no_stream' });
    await source.close();
    const target = await startNode();
    const { code, stdout, stderr } = await run('copy', '--data', folder, '--to', target.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Copying: 11 events, 100%\nVerifying: 11 events, 100%\n' });
    expect(stdout).toContain('11 events were copied; metadata of 0 streams, 0 tombstones.\nPositions and the times of writing');
    expect(stdout).toContain('Both have been read and compared: they are equal.\n');
    expect(await collect(clientOf(target.url).readStream('order-1'))).toHaveLength(10);
    const copied = connectEventStore({ url: target.url });
    onTestFinished(() => copied.close());
    const newId = await identifyLog(copied, '1.0.0');
    expect(newId).not.toBe(logId);
    expect(await run('copy', '--data', folder, '--to', target.url, '--json')).toMatchObject({ code: 0 });
    expect(await identifyLog(copied, '1.0.0')).toBe(newId);
  });

  it('killed in the middle and run again, goes on without a duplicate', async () => {
    const [source, target] = [await startNode(), await startNode()];
    const [from, to] = [clientOf(source.url), clientOf(target.url)];
    const appends = Array.from({ length: 6000 }, (_, n) => from.appendToStream(`order-${n % 50}`, newEvents(1)));
    await Promise.all(appends);
    const first = start('copy', '--from', source.url, '--to', target.url);
    await eventually(async () => (await collect(to.readAll({ maxCount: 500 }))).length >= 400);
    first.child.kill('SIGKILL');
    expect(await first.ended).toBeNull();
    expect((await collect(to.readAll())).length).toBeLessThan(6000);
    const { code, stdout } = await run('copy', '--from', source.url, '--to', target.url, '--json');
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.present).toBeGreaterThanOrEqual(400);
    expect(report.present + report.copied).toBe(6000);
    const idsOf = async (client: EventStoreDBClient) => (await collect(client.readAll())).map(({ event }) => event?.id);
    expect(await idsOf(to)).toEqual(await idsOf(from));
  });

  it('interrupted by Ctrl-C says so and exits with 130', async () => {
    const [source, target] = [await startNode(), await startNode()];
    const [from, to] = [clientOf(source.url), clientOf(target.url)];
    await Promise.all(Array.from({ length: 6000 }, (_, n) => from.appendToStream(`order-${n % 50}`, newEvents(1))));
    const { child, said, ended } = start('copy', '--from', source.url, '--to', target.url);
    await eventually(async () => (await collect(to.readAll({ maxCount: 100 }))).length >= 100);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(said.stdout).toContain('Interrupted. Run it again: it goes on from here.');
  });

  it('exits with 1 and a sentence where the target holds something else, or nobody is there', async () => {
    const [source, target] = [await startNode(), await startNode()];
    await clientOf(source.url).appendToStream('order-1', newEvents(1));
    await clientOf(target.url).appendToStream('other-1', newEvents(1));
    expect(await run('copy', '--from', source.url, '--to', target.url)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'The log was not copied: The target holds something else than the source: Counted at other-1@0',
      ),
    });
    expect(await run('copy', '--from', 'esdb://127.0.0.1:1?tls=false', '--to', target.url)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The log was not copied: The source could not be read'),
    });
  });
});
