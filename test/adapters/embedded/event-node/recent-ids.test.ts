import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEntry } from '../../../../src/adapters/embedded/event-node/log-index.js';
import { createRecentIds } from '../../../../src/adapters/embedded/event-node/recent-ids.js';

const CAPACITY = 8;

/** Only its number counts here. */
const stream = (number: number) => ({ number }) as StreamEntry;
// Few ids, so that they come again; among them some that differ in one digit.
const ids = [
  '00000000-0000-4000-8000-000000000000',
  '00000000-0000-4000-8000-00000000000f',
  'f0000000-0000-4000-8000-000000000000',
];
const written = fc.record({ id: fc.oneof(fc.constantFrom(...ids), fc.uuid()), number: fc.nat(3) });

describe('recent ids', () => {
  it('are known where they were written, and nowhere else: the last ones always, those before perhaps', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 60 }), fc.uuid(), (history, stranger) => {
        const recent = createRecentIds(CAPACITY);
        const last = new Map<string, number>();
        for (const [revision, { id, number }] of history.entries()) {
          recent.remember(stream(number), id, revision);
          last.set(`${number}/${id}`, revision);
        }
        for (const [at, { id, number }] of history.entries()) {
          const found = recent.find(stream(number), id);
          const expected = last.get(`${number}/${id}`);
          if (at >= history.length - CAPACITY) expect(found).toBe(expected);
          else expect([undefined, expected]).toContain(found);
        }
        expect(recent.find(stream(0), stranger)).toBe(last.get(`0/${stranger}`));
        expect(recent.find(stream(4), history[0]?.id ?? stranger)).toBeUndefined();
      }),
    );
  });

  it('are let go when twice as many have been written since', () => {
    const recent = createRecentIds(CAPACITY);
    recent.remember(stream(1), ids[0] ?? '', 7);
    for (let n = 0; n < 2 * CAPACITY; n++) recent.remember(stream(2), ids[1] ?? '', n);
    expect(recent.find(stream(1), ids[0] ?? '')).toBeUndefined();
  });
});
