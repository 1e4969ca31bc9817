import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PersistentMap } from '../../src/domain/persistent-map.js';

const steps = fc.array(
  fc.record({ key: fc.oneof(fc.uuid(), fc.constantFrom('a', 'b', 'c', '')), value: fc.option(fc.integer(), { nil: undefined }) }),
  { maxLength: 200 },
);

describe('a persistent map', () => {
  it('holds what a Map holds, after any steps', () =>
    fc.assert(
      fc.property(steps, (taken) => {
        const model = new Map<string, number>();
        let map = PersistentMap.empty<number>();
        for (const { key, value } of taken) {
          if (value === undefined) model.delete(key);
          else model.set(key, value);
          map = value === undefined ? map.without(key) : map.with(key, value);
          expect(map.size).toBe(model.size);
          expect(map.get(key)).toBe(value);
          expect(map.has(key)).toBe(value !== undefined);
        }
        expect([...map.entries()].sort()).toEqual([...model].sort());
      }),
    ));

  it('leaves older maps as they were', () => {
    const one = PersistentMap.empty<number>().with('a', 1);
    const two = one.with('a', 2).with('b', 3);
    expect([one.get('a'), one.size, two.get('a'), two.size, two.without('a').size, two.size]).toEqual([1, 1, 2, 2, 1, 2]);
  });
});
