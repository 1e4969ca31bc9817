// Index files say what the segments say: a start finds the same by either, and what is written anew is what was written first.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeIndexFile,
  encodeIndexFile,
  type IndexFile,
} from '../../../../src/adapters/embedded/event-node/index-file-format.js';
import type { OpenLog } from '../../../../src/adapters/embedded/event-node/open-log.js';
import { runsOf } from '../../../../src/adapters/embedded/event-node/runs.js';
import { filesOf, freshFolder, indexed, note, openLog } from './log-folder.js';

const SEGMENT_BYTES = 1500;

const uint32 = fc.nat(0xffffffff);
const limit = fc.option(fc.nat(), { nil: undefined });
const limits = fc
  .record({ maxCount: limit, maxAgeSeconds: limit, truncateBefore: fc.oneof(limit, fc.constant(Number.POSITIVE_INFINITY)) })
  .map((kept) => (Object.values(kept).every((value) => value === undefined) ? undefined : kept));
const files = fc
  .record({
    numbers: fc.tuple(uint32, uint32, uint32, uint32),
    generation: fc.nat(3),
    events: fc.array(fc.tuple(uint32, uint32, uint32), { maxLength: 30 }),
    names: fc.array(fc.tuple(uint32, fc.string({ maxLength: 12 })), { maxLength: 10 }),
    tombstones: fc.array(uint32, { maxLength: 3 }),
    limits: fc.array(fc.tuple(uint32, limits), { maxLength: 3 }),
    runs: fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 })), { maxLength: 4 }),
  })
  .map(
    ({ numbers: [base, segmentBytes, before, digest], generation, events, names, tombstones, limits: kept, runs }): IndexFile => {
      const texts = names.map(([, text]) => Buffer.from(text));
      let [position, offset] = [base, 32];
      const stretches = runs.flatMap(([gap, length]) => {
        position += gap;
        const run = [position, position + length, offset];
        position += length;
        offset += length;
        return run;
      });
      return {
        base,
        generation,
        segmentBytes,
        before,
        digest,
        names: {
          hashes: Uint32Array.from(names, ([hash]) => hash),
          lengths: Uint16Array.from(texts, ({ length }) => length),
          bytes: Uint8Array.from(Buffer.concat(texts)),
        },
        events: {
          offsets: Uint32Array.from(events, ([offsetOf]) => offsetOf),
          streams: Uint32Array.from(events, ([, stream]) => stream),
          revisions: Uint32Array.from(events, ([, , revision]) => revision),
          tombstones,
          limits: new Map(kept),
        },
        runs: generation === 0 ? undefined : runsOf(Float64Array.from(stretches)),
      };
    },
  );

const inMemory = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const comparable = (file: IndexFile | undefined): object | undefined =>
  file && { ...file, size: undefined, counts: undefined, runs: file.runs?.numbers() };

describe('the format of index files', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(files, (file) => {
        const bytes = Buffer.concat(encodeIndexFile(file));
        expect(comparable(decodeIndexFile(inMemory(bytes), bytes.length))).toEqual(comparable(file));
      }),
    );
  });

  it('is not taken for one when a byte of it has changed, or it is cut short', () => {
    fc.assert(
      fc.property(files, fc.nat(), fc.integer({ min: 1, max: 255 }), (file, where, change) => {
        const bytes = Buffer.concat(encodeIndexFile(file));
        const at = where % bytes.length;
        expect(decodeIndexFile(inMemory(bytes), at)).toBeUndefined();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(decodeIndexFile(inMemory(bytes), bytes.length)).toBeUndefined();
      }),
    );
  });
});

/** Everything that the index knows, but for the streams' numbers: these depend on what a scavenge has left. */
function known({ journal: { index } }: OpenLog): object {
  const streams = Array.from({ length: index.names.count }, (_, number) => {
    const { name, first, next, limits: kept, tombstone } = index.entryOf(number);
    const ordinals = Array.from({ length: next - first }, (__, i) => index.entryOf(number).ordinalAt(first + i));
    return [name, { first, next, kept, tombstone, positions: ordinals.map((ordinal) => index.positionOf(ordinal)) }] as const;
  });
  const events = Array.from({ length: index.visible }, (_, ordinal) => [index.positionOf(ordinal), index.streamOf(ordinal).name]);
  return { streams: new Map(streams), events };
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ stream: fc.nat(6), texts: fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ stream: fc.nat(6), maxCount: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant('scavenge' as const) },
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
);

describe('a start', () => {
  it('knows the same from index files and from segments, which get the same index files again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const folder = await freshFolder();
        const log = await openLog(folder, SEGMENT_BYTES);
        for (const step of script) {
          if (step === 'scavenge') await log.scavenge();
          else if ('texts' in step) await note(log, `stream-${step.stream}`, ...step.texts);
          else await note(log, `$$stream-${step.stream}`, JSON.stringify({ $maxCount: step.maxCount }));
        }
        await log.close();

        const byIndexFiles = await openLog(folder, SEGMENT_BYTES);
        const before = known(byIndexFiles);
        await byIndexFiles.close();
        const written = await contentsOf(folder);

        for (const name of written.keys()) await rm(join(folder, name));
        const bySegments = await openLog(folder, SEGMENT_BYTES);
        expect(known(bySegments)).toEqual(before);
        await bySegments.close();
        const again = await openLog(folder, SEGMENT_BYTES);
        expect(known(again)).toEqual(before);
        await again.close();
        if (!script.includes('scavenge')) expect(await contentsOf(folder)).toEqual(written);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('writes an index file of another format anew', async () => {
    const folder = await freshFolder();
    const log = await openLog(folder, SEGMENT_BYTES);
    for (let n = 0; n < 20; n++) await note(log, `order-${n % 3}`, 'x'.repeat(200));
    await indexed(folder);
    await log.close();
    const written = await contentsOf(folder);
    expect(written.size).toBeGreaterThan(1);
    for (const [name, bytes] of written) {
      const other = Buffer.from(bytes);
      other.write('PGEVIDX1');
      await writeFile(join(folder, name), other);
    }
    await (await openLog(folder, SEGMENT_BYTES)).close();
    expect(await contentsOf(folder)).toEqual(written);
  });
});

async function contentsOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await filesOf(folder, '.idx');
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}
