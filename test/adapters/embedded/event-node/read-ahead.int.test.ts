// A start that reads its log in a thread of its own finds what one finds that reads it itself, and refuses what that refuses.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Child, startNode } from './child.js';
import { contents, damage, filesOf, freshFolder, indexed, note, openLog } from './log-folder.js';

const SEGMENT_BYTES = 4000;

async function written(): Promise<{ readonly folder: string; readonly all: readonly string[] }> {
  const folder = await freshFolder();
  const log = await openLog(folder, SEGMENT_BYTES);
  for (let n = 0; n < 60; n++) await note(log, `order-${n % 7}`, `event-${n}. ${'x'.repeat(300)}`, `and-${n}.`);
  await note(log, '$$order-1', '{"$maxCount":2}');
  await note(log, 'order-2', 'y'.repeat(2_000_000));
  await log.scavenge();
  for (let n = 0; n < 20; n++) await note(log, `order-${n % 9}`, `later-${n}. ${'x'.repeat(300)}`);
  const all = await contents(log);
  await indexed(folder);
  await log.close();
  return { folder, all };
}

async function withoutIndexFiles(folder: string): Promise<void> {
  for (const name of await filesOf(folder, '.idx')) await rm(join(folder, name));
}

async function started(folder: string): Promise<Child> {
  const node = await startNode('--data', folder, '--segment-bytes', String(SEGMENT_BYTES), '--read-whole-bytes', '0');
  onTestFinished(() => void node.process.kill('SIGKILL'));
  return node;
}

async function startAndStop(folder: string): Promise<void> {
  const node = await started(folder);
  expect(node.said).toMatchObject({ ready: true });
  node.process.kill('SIGTERM');
  await node.exited;
}

describe('a start that reads ahead in a thread', () => {
  it('writes index files again that say what the log holds', async () => {
    const { folder, all } = await written();
    const names = await filesOf(folder, '.idx');
    await withoutIndexFiles(folder);
    await startAndStop(folder);
    expect(await filesOf(folder, '.idx')).toEqual(names);
    const log = await openLog(folder, SEGMENT_BYTES);
    expect(await contents(log)).toEqual(all);
    await log.close();
  });

  it('also where an index file looks right and is not', async () => {
    const { folder, all } = await written();
    const [, second = ''] = await filesOf(folder, '.idx');
    const bytes = await readFile(join(folder, second));
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
    await writeFile(join(folder, second), bytes);
    await startAndStop(folder);
    const log = await openLog(folder, SEGMENT_BYTES);
    expect(await contents(log)).toEqual(all);
    await log.close();
  });

  it('refuses damage', async () => {
    const { folder } = await written();
    await withoutIndexFiles(folder);
    for (const name of await filesOf(folder, '.segment')) await damage(join(folder, name), 'event-30.').catch(() => undefined);
    expect((await started(folder)).said).toMatchObject({ ready: false, error: expect.stringContaining('is damaged at position') });
  });
});
