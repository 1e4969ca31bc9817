import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../src/projections/runtime/progress.js';

const long = 60_000;

describe('progress', () => {
  it('has reached nothing before it is told, and never goes back', () => {
    const progress = createProgress();
    expect(progress.reached('orders')).toBe(-1n);
    progress.advanced(['orders'], 10n);
    progress.advanced(['orders'], 5n);
    expect(progress.reached('orders')).toBe(10n);
    expect(progress.reached('stock')).toBe(-1n);
  });

  it('answers at once whoever waits for what has been reached', async () => {
    const progress = createProgress();
    progress.advanced(['orders'], 10n);
    expect(await progress.waitFor('orders', 10n, 0)).toBe(true);
  });

  it('wakes exactly those whose position has come, of that read model', async () => {
    const progress = createProgress();
    const woken: string[] = [];
    const wait = (name: string, position: bigint) =>
      progress.waitFor(name, position, long).then((reached) => void woken.push(`${name} ${position} ${reached}`));
    const all = [wait('orders', 30n), wait('orders', 10n), wait('orders', 20n), wait('stock', 10n)];
    progress.advanced(['orders'], 20n);
    await Promise.all([all[1], all[2]]);
    expect(woken).toEqual(['orders 10 true', 'orders 20 true']);
    progress.advanced(['stock', 'orders'], 30n);
    await Promise.all(all);
    expect(woken).toHaveLength(4);
  });

  it('answers false when the time is over, and when the signal aborts', async () => {
    const progress = createProgress();
    const aborter = new AbortController();
    const aborted = progress.waitFor('orders', 1n, long, aborter.signal);
    expect(await progress.waitFor('orders', 1n, 1)).toBe(false);
    aborter.abort();
    expect(await aborted).toBe(false);
    expect(await progress.waitFor('orders', 1n, long, aborter.signal)).toBe(false);
    expect(await progress.waitFor('orders', 1n, 0)).toBe(false);
  });

  it('tells listeners what moved, and nothing that did not, until they leave', () => {
    const progress = createProgress();
    const heard: string[] = [];
    const leave = progress.onAdvance((names, position) => heard.push(`${names} ${position}`));
    progress.advanced(['orders'], 20n);
    progress.advanced(['orders', 'stock'], 20n);
    progress.advanced(['orders', 'stock'], 10n);
    leave();
    progress.advanced(['orders'], 30n);
    expect(heard).toEqual(['orders 20', 'stock 20']);
  });
});
