import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMemory, mayHaveForgotten, recall, remembering } from '../../../src/domain/stock/bounded-memory.js';

describe('a bounded memory', () => {
  const capacity = 3;
  /** Ids by number, each with the position at which it began; the later ones need not have begun later. */
  const entries = fc.array(fc.tuple(fc.nat(30), fc.bigInt({ min: 0n, max: 50n })), { maxLength: 60 });

  it('holds at least the newest, at most twice as many, and knows the highest position that it forgot', () =>
    fc.assert(
      fc.property(entries, (given) => {
        let memory = emptyMemory<'first' | 'again'>(capacity);
        /** Newest last; what is forgotten may come again. */
        const told: { id: string; position: bigint }[] = [];
        const lost: bigint[] = [];
        for (const [n, position] of given) {
          const id = `id-${n}`;
          const known = recall(memory, id) !== undefined;
          memory = remembering(memory, id, known ? 'again' : 'first', position);
          expect(recall(memory, id)).toBe('first');
          if (!known) told.push({ id, position });
          const held = memory.newer.ids.size + memory.older.ids.size;
          expect(held).toBeLessThanOrEqual(2 * capacity);
          for (const { id } of told.slice(-capacity)) expect(recall(memory, id)).toBe('first');
          lost.push(...told.splice(0, told.length - held).map(({ position }) => position));
          const highest = lost.reduce((most, position) => (position > most ? position : most), -1n);
          expect(memory.forgotten).toBe(highest);
          expect([mayHaveForgotten(memory, highest), mayHaveForgotten(memory, highest + 1n)]).toEqual([true, false]);
        }
      }),
      { numRuns: 1000 },
    ));

  it('has forgotten nothing while it is not full twice over', () => {
    let memory = emptyMemory<'x'>(capacity);
    for (let n = 1; n <= 2 * capacity; n += 1) memory = remembering(memory, `id-${n}`, 'x', BigInt(n));
    expect([mayHaveForgotten(memory, 0n), recall(memory, 'id-1')]).toEqual([false, 'x']);
    memory = remembering(memory, 'one more', 'x', 99n);
    expect([mayHaveForgotten(memory, 3n), mayHaveForgotten(memory, 4n)]).toEqual([true, false]);
    expect([recall(memory, 'id-3'), recall(memory, 'id-4')]).toEqual([undefined, 'x']);
  });
});
