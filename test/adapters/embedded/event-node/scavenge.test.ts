// Scavenging: what streams no longer keep leaves the disk, at no moment is there less than a whole log, and readers notice nothing.

import { copyFile, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStored } from '../../../../src/adapters/embedded/event-node/stored-event.js';
import { contents, filesOf, freshFolder, note, openLog, settled } from './log-folder.js';

const padding = 'x'.repeat(200);

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all((await filesOf(folder, '.segment')).map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Whether any file of the log holds this text. */
async function isOnDisk(folder: string, text: string): Promise<boolean> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  return files.some((bytes) => bytes.includes(text));
}

describe('a scavenge', () => {
  it('takes what a stream no longer keeps off the disk, also from the segment that is being written', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 4000);
    for (let n = 0; n < 40; n++) await note(log, `order-${n % 2}`, `event-${n}. ${padding}`);
    await note(log, '$$order-0', '{"$maxCount":2}');
    const before = await bytesIn(folder);
    const { events, bytes } = await log.scavenge();
    expect(events).toBe(18);
    expect(await bytesIn(folder)).toBeLessThan(before - bytes + 100);
    for (const n of [0, 2, 34]) expect(await isOnDisk(folder, `event-${n}. `)).toBe(false);
    for (const n of [1, 3, 36, 38]) expect(await isOnDisk(folder, `event-${n}. `)).toBe(true);
    expect((await contents(log)).filter((text) => text.startsWith('order-0')).map((text) => text.split(' ')[0])).toEqual([
      'order-0@18:',
      'order-0@19:',
    ]);
    await log.close();
  });

  it('cuts an append in the middle, and leaves the rest of it where it was', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 4000);
    await note(log, 'order-1', 'a', 'b', 'c', 'd');
    await note(log, 'order-2', 'e');
    const positions = [2, 3, 4].map((ordinal) => log.journal.index.positionOf(ordinal));
    await note(log, '$$order-1', '{"$tb":2}');
    await log.scavenge();
    await log.close();
    const again = await openLog(folder, 4000, [], 1e9);
    expect(await contents(again)).toEqual(['order-1@2: c', 'order-1@3: d', 'order-2@0: e', '$$order-1@0: {"$tb":2}']);
    expect([0, 1, 2].map((ordinal) => again.journal.index.positionOf(ordinal))).toEqual(positions);
    await again.close();
  });

  it('keeps the last event of a deleted stream, so that its revisions go on', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 4000);
    await note(log, 'order-1', 'a', 'b', 'c');
    await note(log, '$$order-1', '{"$tb":9223372036854775807}');
    await log.scavenge();
    await log.close();
    const again = await openLog(folder, 4000);
    expect(again.journal.index.find('order-1')).toMatchObject({ first: 2, next: 3 });
    await again.close();
  });

  it('removes what is too old, and nothing behind the first event that is not', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 4000);
    await note(log, 'order-1', 'a', 'b');
    await note(log, '$$order-1', '{"$maxAge":3600}');
    expect(await log.scavenge()).toMatchObject({ events: 0 });
    await note(log, '$$order-1', '{"$maxAge":0}');
    const left = async (): Promise<number> => {
      await log.scavenge();
      return (await contents(log)).length;
    };
    await expect.poll(left).toBe(2);
    expect(await contents(log)).toEqual(['order-1@1: b', '$$order-1@1: {"$maxAge":0}']);
    await log.close();
  });

  it('lets appends and readers go on, and a reader that has begun sees all of what it asked for', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 100_000);
    const { journal } = log;
    for (let n = 0; n < 20_000; n += 100)
      await note(log, n % 200 === 0 ? 'kept' : 'cut', ...Array.from({ length: 100 }, (_, i) => `${n + i} ${padding}`));
    await note(log, '$$cut', '{"$maxCount":1}');
    const kept = journal.index.find('kept');
    const cut = journal.index.find('cut');
    if (kept === undefined || cut === undefined) throw new Error('The streams are not there.');
    // Both were asked for before: what has been asked for is loaded from the files as they were.
    const loading = journal.load(Array.from({ length: 200 }, (_, i) => cut.ordinalAt(i)));
    let isRunning = true;
    const scavenging = log.scavenge().finally(() => {
      isRunning = false;
    });
    let rounds = 0;
    while (isRunning) {
      const from = (rounds * 97) % 9_000;
      const stored = await journal.load(Array.from({ length: 50 }, (_, i) => kept.ordinalAt(from + i)));
      const numbers = stored.map((bytes) => Number.parseInt(readStored(bytes).data.toString(), 10));
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => 200 * Math.floor((from + i) / 100) + ((from + i) % 100)));
      await note(log, 'late', `${rounds}`);
      rounds += 1;
    }
    expect((await scavenging).events).toBe(9_999);
    expect((await loading).map((bytes) => Number.parseInt(readStored(bytes).data.toString(), 10))[0]).toBe(100);
    expect(journal.index.find('late')?.next).toBe(rounds);
    await log.close();
    expect((await filesOf(folder, '.segment')).length).toBe((await filesOf(folder, '.idx')).length + 1);
  });

  it('that was interrupted at any step leaves a whole log, before or after', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 1500);
    for (let n = 0; n < 12; n++) await note(log, `order-${n % 2}`, `event-${n} ${padding}`);
    await note(log, '$$order-0', '{"$maxCount":1}');
    await log.journal.endSegment();
    await settled(log);
    await log.close();
    const reopened = await openLog(folder, 1500, [], 1e9);
    const all = await contents(reopened);
    await reopened.close();
    const scavenged = await mkdtemp(join(tmpdir(), 'event-node-'));
    for (const name of await readdir(folder)) await copyFile(join(folder, name), join(scavenged, name));
    const other = await openLog(scavenged, 1500);
    await other.scavenge();
    const kept = await contents(other);
    await other.close();
    const [first = ''] = (await filesOf(scavenged, '.segment')).filter((name) => name.includes('-'));
    const index = first.replace('.segment', '.idx');
    const look = async (): Promise<string[]> => {
      const said: string[] = [];
      const found = await openLog(folder, 1500, said);
      const texts = await contents(found);
      await found.close();
      expect(said).toEqual([]);
      return texts;
    };
    // A draft, whole or not; the index file of a segment that is still a draft; then the rename, with the old files still there.
    await copyFile(join(scavenged, first), join(folder, `${first}.new`));
    expect(await look()).toEqual(all);
    await copyFile(join(scavenged, first), join(folder, `${first}.new`));
    await copyFile(join(scavenged, index), join(folder, index));
    expect(await look()).toEqual(all);
    expect((await readdir(folder)).filter((name) => name.includes('-') || name.endsWith('.new'))).toEqual([]);
    await copyFile(join(scavenged, index), join(folder, index));
    await copyFile(join(scavenged, first), join(folder, `${first}.new`));
    await rename(join(folder, `${first}.new`), join(folder, first));
    const texts = await look();
    expect(texts.length).toBeLessThan(all.length);
    for (const text of kept) expect(texts).toContain(text);
    expect((await filesOf(folder, '.segment')).filter((name) => name.startsWith(first.slice(0, 20)))).toEqual([first]);
    await rm(scavenged, { recursive: true, force: true });
  });
});
