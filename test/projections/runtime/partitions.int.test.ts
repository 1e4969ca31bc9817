import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DomainEvent } from '../../../src/domain/event-catalogue.js';
import type { Recorded } from '../../../src/domain/log/recorded.js';
import { readModels } from '../../../src/projections/read-models.js';
import { batchWriter, type Member } from '../../../src/projections/runtime/batch-writer.js';
import { asRecorded, logId, orderNamed, received } from '../story.js';
import { type Surroundings, surroundings } from '../surroundings.js';

let around: Surroundings;
beforeAll(async () => {
  around = await surroundings();
});
afterAll(() => around.close());

const lines = (...skus: string[]) => skus.map((sku, n) => ({ sku, quantity: n + 1, unitPrice: 100 }));
const a = orderNamed({ name: 'a', lines: lines('A', 'B', 'A') });
const b = orderNamed({ name: 'b', lines: lines('B') });
const c = orderNamed({ name: 'c', lines: lines('A', 'C'), reference: 'c' });

/** Stories whose events come in turns, each story's in its own order. */
function inTurns<T>(...stories: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...stories.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) => stories.flatMap((story) => story.slice(n, n + 1))).flat();
}

const log = asRecorded([
  received('A', 50),
  received('A', 20, 'north'),
  received('B', 50),
  ...inTurns(
    [...a.confirmed, ...a.shipped, ...a.delivered],
    [...b.created, ...b.requested, ...b.declined],
    [...c.created, ...c.requested, ...c.authorized, ...c.short],
  ),
]);

async function written(batches: readonly (readonly Recorded<DomainEvent>[])[]) {
  await around.empty();
  const readers = readModels.map(({ name, version }) => ({ name, version }));
  const taken = await around.checkpoints.acquire({ readers, logId, holder: 'test', ttlMs: 60_000 });
  if (taken.outcome !== 'acquired') throw new Error('held');
  const members: Member[] = readModels.map((projection) => ({ projection, position: null, failure: null }));
  const nothing = () => {};
  const writer = batchWriter({
    ...{ database: around.database, checkpoints: around.checkpoints, lease: taken.lease, logId, members },
    onAdvance: nothing,
    log: { info: nothing, warn: nothing, error: nothing },
  });
  for (const batch of batches) await writer.write(batch);
  expect(members.every(({ failure, position }) => failure === null && position === log.at(-1)?.position)).toBe(true);
  return around.rows();
}

it('however the log is cut into batches, the rows are the same', async () => {
  const whole = await written([log]);
  expect(whole.orders).toHaveLength(3);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: log.length - 1 }), { maxLength: 20 }), async (cuts) => {
      const edges = [0, ...cuts.sort((x, y) => x - y), log.length];
      const batches = edges.slice(1).map((end, n) => log.slice(edges[n], end));
      expect(await written(batches)).toEqual(whole);
    }),
    { numRuns: 12 },
  );
  expect(await written(log.map((recorded) => [recorded]))).toEqual(whole);
});

it('a batch that is delivered again, whole or in part, changes nothing', async () => {
  const whole = await written([log]);
  const half = Math.floor(log.length / 2);
  expect(await written([log.slice(0, half), log.slice(0, half), log.slice(half - 5), log])).toEqual(whole);
});
