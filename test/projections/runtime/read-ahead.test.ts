import { describe, expect, it } from 'vitest';
import type { FollowedBatch, StoredEvent } from '../../../src/domain/log/event-store.js';
import { type BatchLimits, ReadAhead } from '../../../src/projections/runtime/read-ahead.js';

const event = (n: number, bytes = 10): StoredEvent => ({
  id: String(n),
  type: 'T',
  stream: 's',
  revision: n,
  position: BigInt(n),
  created: new Date(0),
  data: new Uint8Array(bytes),
  metadata: new Uint8Array(0),
});
const events = (from: number, count: number, bytes?: number) => Array.from({ length: count }, (_, n) => event(from + n, bytes));
const lost = new Error('lost');

/** A subscription that delivers what it is given, and counts what was pulled. */
function subscription() {
  const waiting: FollowedBatch[] = [];
  let wake = () => {};
  let ended = false;
  const counted = { pulled: 0 };
  return {
    counted,
    deliver: (batch: readonly StoredEvent[], caughtUp = false) => {
      waiting.push({ events: batch, caughtUp });
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    source: (async function* () {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) {
          counted.pulled += 1;
          yield next;
        } else if (ended) throw lost;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    })(),
  };
}

const hour = 3_600_000;
const queue = (limits: Partial<BatchLimits> = {}, onIdle = () => {}) =>
  new ReadAhead({ maxEvents: 3, maxBytes: 1000, lingerMs: 0, spacingMs: 0, ...limits }, onIdle);
const revisions = (batch: readonly StoredEvent[]) => batch.map(({ revision }) => revision);

describe('reading ahead', () => {
  it('makes batches of at most so many events, in order', async () => {
    const ahead = queue();
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver(events(0, 7));
    expect(revisions(await ahead.next())).toEqual([0, 1, 2]);
    expect(revisions(await ahead.next())).toEqual([3, 4, 5]);
    expect(revisions(await ahead.next())).toEqual([6]);
  });

  it('makes batches of at most so many bytes, and one of a single event that is larger', async () => {
    const ahead = queue({ maxBytes: 25 });
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver([...events(0, 3), event(3, 1000), event(4)]);
    expect(revisions(await ahead.next())).toEqual([0, 1]);
    expect(revisions(await ahead.next())).toEqual([2]);
    expect(revisions(await ahead.next())).toEqual([3]);
    expect(revisions(await ahead.next())).toEqual([4]);
  });

  it('stops pulling while a batch waits to be taken', async () => {
    const ahead = queue();
    const { source, deliver, counted } = subscription();
    void ahead.fill(source);
    for (let n = 0; n < 10; n++) deliver(events(n * 3, 3));
    expect(revisions(await ahead.next())).toEqual([0, 1, 2]);
    expect(counted.pulled).toBeLessThanOrEqual(2);
    for (let n = 1; n < 10; n++) expect(await ahead.next()).toHaveLength(3);
    expect(counted.pulled).toBe(10);
  });

  it('does not wait for company while it catches up', async () => {
    const ahead = queue({ lingerMs: hour });
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver(events(0, 1));
    expect(revisions(await ahead.next())).toEqual([0]);
  });

  it('waits for company once it has caught up, no longer than until the batch is full', async () => {
    const ahead = queue({ lingerMs: hour });
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver([], true);
    const batch = ahead.next();
    for (let n = 0; n < 3; n++) deliver(events(n, 1));
    expect(revisions(await batch)).toEqual([0, 1, 2]);
  });

  it('waits for company no longer than it may', async () => {
    const ahead = queue({ lingerMs: 5 });
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver([], true);
    deliver(events(0, 1));
    expect(revisions(await ahead.next())).toEqual([0]);
  });

  it('keeps its distance from the batch before, however long ago its own events arrived, unless it is full', async () => {
    const ahead = queue({ spacingMs: hour });
    const { source, deliver } = subscription();
    void ahead.fill(source);
    deliver(events(0, 1), true);
    expect(revisions(await ahead.next())).toEqual([0]);
    const batch = ahead.next();
    for (let n = 1; n < 4; n++) deliver(events(n, 1));
    expect(revisions(await batch)).toEqual([1, 2, 3]);
  });

  it('says that it is idle when history has been taken, not before', async () => {
    let idle = 0;
    const ahead = queue({}, () => (idle += 1));
    const { source, deliver, end } = subscription();
    void ahead.fill(source);
    deliver(events(0, 3));
    await ahead.next();
    const next = ahead.next();
    expect(idle).toBe(0);
    deliver([], true);
    end();
    await expect(next).rejects.toBe(lost);
    expect(idle).toBe(1);
  });

  it('hands out what has arrived before it says that the subscription was lost', async () => {
    const ahead = queue({ lingerMs: hour });
    const { source, deliver, end } = subscription();
    void ahead.fill(source);
    deliver(events(0, 2), true);
    end();
    expect(revisions(await ahead.next())).toEqual([0, 1]);
    await expect(ahead.next()).rejects.toBe(lost);
  });

  it('drops what was not taken when it is closed, and lets go of the source', async () => {
    const ahead = queue({ lingerMs: hour });
    const { source, deliver, end } = subscription();
    const filling = ahead.fill(source);
    deliver(events(0, 1), true);
    const next = ahead.next();
    ahead.close(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
    end();
    await filling;
  });
});
