// Repairing a damaged log: nothing is lost without being said and asked for.

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutDamage, findDamage } from '../../../../src/adapters/embedded/event-node/repair.js';
import { Corrupt, Unavailable } from '../../../../src/domain/log/errors.js';
import { contents, damage, filesOf, freshFolder, indexed, note, openLog } from './log-folder.js';

/** Nine events in segments of three, in streams that take turns. */
async function nineEvents(): Promise<string> {
  const folder = await freshFolder();
  const log = await openLog(folder, 1500);
  for (let n = 0; n < 9; n++) await note(log, `order-${n % 2}`, `event-${n} ${'x'.repeat(200)}`);
  await indexed(folder);
  await log.close();
  return folder;
}

const segmentsOf = (folder: string): Promise<string[]> => filesOf(folder, '.segment');

describe('a damaged log', () => {
  it('is refused with the way to a repair, which says what a cut would lose and changes nothing', async () => {
    const folder = await nineEvents();
    const [, second = ''] = await segmentsOf(folder);
    await damage(join(folder, second), 'event-4');
    await expect(openLog(folder, 1500, [], 1e9)).rejects.toThrow(Corrupt);
    await expect(openLog(folder, 1500, [], 1e9)).rejects.toThrow(/panglot event-node repair --data/);
    const before = await readFile(join(folder, second));
    const names = await readdir(folder);
    const found = await findDamage(folder);
    expect(found?.events).toBe(4);
    expect([...(found?.streams ?? [])].sort()).toEqual(['order-0', 'order-1']);
    expect(await readFile(join(folder, second))).toEqual(before);
    expect(await readdir(folder)).toEqual(names);
  });

  it('is cut where it is damaged and nowhere else, and what is cut is kept', async () => {
    const folder = await nineEvents();
    const segments = await segmentsOf(folder);
    await damage(join(folder, segments[1] ?? ''), 'event-4');
    const found = await findDamage(folder);
    if (found === undefined) throw new Error('No damage was found.');
    const aside = await cutDamage(folder, found);
    expect(await filesOf(aside, '.segment')).toEqual(segments.slice(1));
    expect(await findDamage(folder)).toBeUndefined();
    const said: string[] = [];
    const log = await openLog(folder, 1500, said, 1e9);
    expect((await contents(log)).map((text) => text.split(' ')[1])).toEqual(['event-0', 'event-1', 'event-2', 'event-3']);
    await note(log, 'order-0', 'event-9 ');
    expect((await contents(log)).at(-1)).toBe('order-0@2: event-9 ');
    await log.close();
    expect(said).toEqual([]);
  });

  it('in which a whole segment is missing is cut before the hole', async () => {
    const folder = await nineEvents();
    const [, second = ''] = await segmentsOf(folder);
    await rm(join(folder, second));
    const found = await findDamage(folder);
    expect(found).toMatchObject({ what: expect.stringContaining('is missing'), events: 3 });
    if (found !== undefined) await cutDamage(folder, found);
    const log = await openLog(folder, 1500);
    expect(await contents(log)).toHaveLength(3);
    await log.close();
  });

  it('is not repaired while its node runs', async () => {
    const folder = await nineEvents();
    const log = await openLog(folder, 1500);
    await expect(findDamage(folder)).rejects.toThrow(Unavailable);
    await log.close();
    expect(await findDamage(folder)).toBeUndefined();
  });

  it('that an index file has hidden at the start is found while the node serves, and refused at the next start', async () => {
    const folder = await nineEvents();
    const [, second = ''] = await segmentsOf(folder);
    await damage(join(folder, second), 'event-4');
    const said: string[] = [];
    const log = await openLog(folder, 1500, said);
    await expect.poll(() => log.journal.failure, { timeout: 20_000 }).toContain('is damaged at position');
    expect(said).toEqual([log.journal.failure]);
    await log.close();
    await expect(openLog(folder, 1500)).rejects.toThrow(Corrupt);
  });
});
