// When fdatasync is called outright, and when it goes by way of the thread pool.

import { describe, expect, it } from 'vitest';
import { createSync } from '../../../../src/adapters/embedded/event-node/sync.js';

/** A disk that takes so many milliseconds; what was asked of it, in order. */
function disk(takes: () => number) {
  const asked: ('called' | 'pooled')[] = [];
  let time = 0;
  const sync = createSync(
    () => {
      asked.push('called');
      time += takes();
    },
    () => {
      asked.push('pooled');
      return Promise.resolve();
    },
    () => time,
  );
  return { sync, asked };
}

describe('a sync', () => {
  it('of a disk that is quick is called, without another thread', () => {
    const { sync, asked } = disk(() => 0.03);
    for (let n = 0; n < 1000; n++) sync(1, true);
    expect(new Set(asked)).toEqual(new Set(['called']));
  });

  it('of a disk that is slow does not hold up the node, but for a try now and then', () => {
    const { sync, asked } = disk(() => 20);
    for (let n = 0; n < 1000; n++) sync(1, true);
    expect(asked.filter((how) => how === 'called').length).toBeLessThan(6);
  });

  it('finds out that a disk has become quick', () => {
    let takes = 5;
    const { sync, asked } = disk(() => takes);
    for (let n = 0; n < 10; n++) sync(1, true);
    takes = 0.03;
    for (let n = 0; n < 600; n++) sync(1, true);
    expect(asked.slice(-100).every((how) => how === 'called')).toBe(true);
  });

  it('that others wait for as well goes by way of another thread, so that the node can take what they send', () => {
    const { sync, asked } = disk(() => 0.03);
    for (let n = 0; n < 10; n++) sync(1, false);
    expect(new Set(asked)).toEqual(new Set(['pooled']));
  });

  it('that fails is a failure, either way', async () => {
    const failing = (): never => {
      throw new Error('EIO');
    };
    expect(() => createSync(failing)(1, true)).toThrow('EIO');
    const slow = createSync(
      () => undefined,
      () => Promise.reject(new Error('EIO')),
      (() => {
        let t = 0;
        return () => (t += 10);
      })(),
    );
    slow(1, true);
    await expect(slow(1, true)).rejects.toThrow('EIO');
  });
});
