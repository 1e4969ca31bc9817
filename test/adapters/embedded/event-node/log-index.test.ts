// The index: streams are told apart by their whole name, index files are used only where they fit, and both are as good as the log itself.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogIndex } from '../../../../src/adapters/embedded/event-node/log-index.js';
import { createOrdinalLists } from '../../../../src/adapters/embedded/event-node/ordinal-lists.js';
import { createStreamNames } from '../../../../src/adapters/embedded/event-node/stream-names.js';
import { contents, filesOf, freshFolder, indexed, note, openLog } from './log-folder.js';

describe('the index', () => {
  it('tells streams apart whose names have the same hash', () => {
    const index = createLogIndex(createStreamNames(() => 7));
    const names = Array.from({ length: 5000 }, (_, n) => `stream-${n}`);
    for (const [n, name] of names.entries()) expect(index.ensure(name).number).toBe(n);
    for (const [n, name] of names.entries()) expect(index.find(name)).toMatchObject({ number: n, name });
    expect(index.find('stream-5000')).toBeUndefined();
  });

  it('holds any number of events a stream, in order, also when the first of them go', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ list: fc.integer({ min: 0, max: 5 }), push: fc.integer({ min: 1, max: 3000 }) }) },
      { weight: 1, arbitrary: fc.record({ list: fc.integer({ min: 0, max: 5 }), drop: fc.integer({ min: 1, max: 4000 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (script) => {
        const lists = createOrdinalLists();
        const model: number[][] = Array.from({ length: 6 }, () => []);
        let ordinal = 0;
        for (const { list, ...what } of script) {
          const expected = model[list] ?? [];
          if ('push' in what)
            for (let n = 0; n < what.push; n++) {
              lists.push(list, ordinal);
              expected.push(ordinal++);
            }
          else {
            lists.dropFront(list, Math.min(what.drop, expected.length));
            expected.splice(0, what.drop);
          }
        }
        for (const [list, expected] of model.entries()) {
          expect(lists.lengthOf(list)).toBe(expected.length);
          expect(expected.every((value, place) => lists.at(list, place) === value)).toBe(true);
          expect(lists.at(list, expected.length)).toBe(-1);
          const some = expected[expected.length >> 1];
          if (some !== undefined) expect(lists.placeOf(list, some)).toBe(expected.length >> 1);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('an index file', () => {
  async function written(): Promise<{ folder: string; all: string[] }> {
    const folder = await freshFolder();
    const log = await openLog(folder, 1500);
    for (let n = 0; n < 30; n++) await note(log, `order-${n % 7}`, `event-${n} ${'x'.repeat(200)}`);
    await note(log, '$$order-1', '{"$maxCount":2}');
    await note(log, 'order-1', `last ${'x'.repeat(1500)}`);
    await note(log, 'order-2', 'last');
    const all = await contents(log);
    await indexed(folder);
    await log.close();
    expect((await filesOf(folder, '.idx')).length).toBeGreaterThan(5);
    return { folder, all };
  }

  async function expectWhole(folder: string, all: readonly string[]): Promise<void> {
    const log = await openLog(folder, 1500);
    expect(await contents(log)).toEqual(all);
    expect(log.journal.index.find('order-1')?.limits).toMatchObject({ maxCount: 2 });
    expect(log.journal.index.find('order-6')).toMatchObject({ first: 0, next: 4 });
    await log.close();
  }

  it('stands for its segment: events, streams and limits are the same without reading it', async () => {
    const { folder, all } = await written();
    await expectWhole(folder, all);
  });

  it('that is missing, damaged, cut short or of another segment is written again, and never believed', async () => {
    const { folder, all } = await written();
    const files = await filesOf(folder, '.idx');
    const [first = '', second = '', third = '', fourth = ''] = files;
    const before = await readFile(join(folder, first));
    await rm(join(folder, first));
    const bytes = await readFile(join(folder, second));
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
    await writeFile(join(folder, second), bytes);
    await writeFile(join(folder, third), (await readFile(join(folder, third))).subarray(0, 70));
    await writeFile(join(folder, fourth), await readFile(join(folder, files[5] ?? '')));
    await expectWhole(folder, all);
    expect(await readFile(join(folder, first))).toEqual(before);
    await expectWhole(folder, all);
  });

  it('behind one that a scavenge has changed and that is lost is not believed where it would count other streams', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, 1e6);
    for (const stream of ['a', 'b', 'a']) await note(log, stream, 'text');
    await log.journal.endSegment();
    await note(log, 'c', 'text');
    await note(log, 'b', 'text');
    await note(log, '$$a', '{"$maxCount":1}');
    await log.journal.endSegment();
    await note(log, 'b', 'text');
    await log.scavenge();
    const all = await contents(log);
    await log.close();
    // Without its index file, this segment's first stream is now b: the same streams, but in another order.
    for (const name of await filesOf(folder, '.idx')) if (name.startsWith('0'.repeat(20))) await rm(join(folder, name));
    const again = await openLog(folder, 1e6);
    expect(await contents(again)).toEqual(all);
    expect(again.journal.index.find('b')).toMatchObject({ first: 0, next: 3 });
    await again.close();
  });
});
