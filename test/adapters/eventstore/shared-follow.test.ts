// Who reads from which subscription, and what each of them gets, when the subscriptions deliver what the test wants.

import { describe, expect, it } from 'vitest';
import { type SharedFollowOptions, shareFollow } from '../../../src/adapters/eventstore/shared-follow.js';
import { Unavailable } from '../../../src/domain/log/errors.js';
import type { FollowedBatch } from '../../../src/domain/log/event-store.js';
import { eventually } from '../../support/condition.js';
import { eventAt, scriptedStore } from './scripted-follow.js';

function surroundings(options: Partial<SharedFollowOptions> = {}) {
  const { store, subscriptions } = scriptedStore();
  const shared = shareFollow(store, { streamPrefixes: ['order-', 'stock-'], ...options });
  const subscription = (n: number) => eventually(() => subscriptions[n]);
  const open = () => subscriptions.flatMap(({ isOpen }, n) => (isOpen ? [n] : []));
  const follow = (after?: bigint, streamPrefixes = ['order-', 'stock-'], signal?: AbortSignal) =>
    shared
      .follow({ streamPrefixes, ...(after === undefined ? {} : { after }), ...(signal === undefined ? {} : { signal }) })
      [Symbol.asyncIterator]();
  return { subscription, subscriptions, open, follow };
}

async function taken(follower: AsyncIterator<FollowedBatch>) {
  const { events, caughtUp }: FollowedBatch = (await follower.next()).value;
  return { positions: events.map(({ position }) => Number(position)), caughtUp };
}

/** Two followers on the feed that the first of them began, both at position 2; the feed reaches back to position 1. */
async function twoOnTheFeed(options: Partial<SharedFollowOptions> = {}) {
  const all = surroundings(options);
  const [one, two] = [all.follow(), all.follow()];
  for (const [n, follower] of [one, two].entries()) {
    const history = taken(follower);
    (await all.subscription(n)).deliver([eventAt(1)], true);
    expect(await history).toEqual({ positions: [1], caughtUp: true });
  }
  const live = [taken(one), taken(two)];
  const feed = await all.subscription(0);
  feed.deliver([eventAt(2)]);
  expect(await Promise.all(live)).toEqual(Array(2).fill({ positions: [2], caughtUp: false }));
  return { ...all, one, two, feed };
}

describe('followers that have caught up', () => {
  it('share one subscription, that of the first, and get the very same events', async () => {
    const { one, two, feed, open } = await twoOnTheFeed();
    expect(open()).toEqual([0]);
    const event = eventAt(3);
    feed.deliver([event]);
    for (const follower of [one, two]) {
      const { events }: FollowedBatch = (await follower.next()).value;
      expect(events).toHaveLength(1);
      expect(events[0]).toBe(event);
    }
  });

  it('get what the feed had before they came', async () => {
    const { subscription, follow, feed, one } = await twoOnTheFeed();
    feed.deliver([eventAt(3), eventAt(4)]);
    await one.next();
    const late = follow();
    const history = taken(late);
    (await subscription(2)).deliver([eventAt(1), eventAt(2), eventAt(3)], true);
    expect(await history).toEqual({ positions: [1, 2, 3], caughtUp: true });
    expect(await taken(late)).toEqual({ positions: [4], caughtUp: false });
  });

  it('get nothing twice if they were ahead of the feed', async () => {
    const { subscription, follow, feed } = await twoOnTheFeed();
    const ahead = follow(2n);
    const history = taken(ahead);
    (await subscription(2)).deliver([eventAt(3), eventAt(4)], true);
    expect(await history).toEqual({ positions: [3, 4], caughtUp: true });
    const next = taken(ahead);
    feed.deliver([eventAt(3), eventAt(4)]);
    feed.deliver([eventAt(5)]);
    expect(await next).toEqual({ positions: [5], caughtUp: false });
  });

  it('are told nothing of streams that they did not ask for, and join by the place of what they were not told', async () => {
    const { subscription, follow, feed, open } = await twoOnTheFeed();
    const orders = follow(2n, ['order-']);
    const history = taken(orders);
    const own = await subscription(2);
    expect(own.asked.streamPrefixes).toEqual(['order-', 'stock-']);
    own.deliver([eventAt(3, 'stock-A')]);
    own.deliver([eventAt(4, 'stock-A')], true);
    expect(await history).toEqual({ positions: [], caughtUp: true });
    const next = taken(orders);
    feed.deliver([eventAt(3, 'stock-A'), eventAt(4, 'stock-A'), eventAt(5, 'stock-A')]);
    feed.deliver([eventAt(6, 'order-2'), eventAt(7, 'stock-A')]);
    expect(await next).toEqual({ positions: [6], caughtUp: false });
    expect(open()).toEqual([0]);
  });
});

describe('a follower stays with its own subscription', () => {
  it('while it has not caught up, although the feed has what it lacks', async () => {
    const { subscription, follow, feed, open } = await twoOnTheFeed();
    feed.deliver([eventAt(3)]);
    const late = follow(2n);
    const first = taken(late);
    const own = await subscription(2);
    own.deliver([eventAt(3)]);
    expect(await first).toEqual({ positions: [3], caughtUp: false });
    const second = taken(late);
    own.deliver([], true);
    expect(await second).toEqual({ positions: [], caughtUp: true });
    expect(open()).toEqual([0, 2]);
    const third = taken(late);
    feed.deliver([eventAt(4)]);
    expect(await third).toEqual({ positions: [4], caughtUp: false });
    expect(open()).toEqual([0]);
  });

  it('while the feed does not reach back to where it is', async () => {
    const { subscription, follow, open } = await twoOnTheFeed();
    const behind = follow();
    const first = taken(behind);
    const own = await subscription(2);
    own.deliver([], true);
    expect(await first).toEqual({ positions: [], caughtUp: true });
    const second = taken(behind);
    own.deliver([eventAt(1)]);
    expect(await second).toEqual({ positions: [1], caughtUp: false });
    expect(open()).toEqual([0, 2]);
    expect(await taken(behind)).toEqual({ positions: [2], caughtUp: false });
    expect(open()).toEqual([0]);
  });

  it('if it follows streams that are not shared', async () => {
    const { subscription, follow } = surroundings();
    const strange = follow(undefined, ['order-', 'strange-']);
    const first = taken(strange);
    const own = await subscription(0);
    expect(own.asked.streamPrefixes).toEqual(['order-', 'strange-']);
    own.deliver([eventAt(1, 'strange-1')], true);
    expect(await first).toEqual({ positions: [1], caughtUp: true });
  });
});

describe('a follower that is too slow for the feed', () => {
  it.each([
    ['events', { maxEvents: 3 }],
    ['bytes', { maxBytes: 60 }],
  ])('by its number of %s goes back to a subscription of its own, and from there to the feed', async (_, limit) => {
    const { subscription, two, one, feed, open } = await twoOnTheFeed(limit);
    const followed: number[] = [];
    for (const position of [3, 4, 5, 6, 7]) {
      feed.deliver([eventAt(position)]);
      followed.push(...(await taken(one)).positions);
    }
    expect(followed).toEqual([3, 4, 5, 6, 7]);

    const lacking = taken(two);
    const own = await subscription(2);
    expect(own.asked.after).toBe(2n);
    own.deliver([eventAt(3), eventAt(4)]);
    expect(await lacking).toEqual({ positions: [3, 4], caughtUp: false });
    const rest = taken(two);
    own.deliver([eventAt(5)], true);
    expect(await rest).toEqual({ positions: [5], caughtUp: false });
    expect(await taken(two)).toEqual({ positions: [6, 7], caughtUp: false });
    expect(open()).toEqual([0]);
  });
});

describe('the end', () => {
  it('of the shared subscription is thrown at all, when they have had what came before it', async () => {
    const { one, two, feed, open } = await twoOnTheFeed();
    const lost = new Unavailable('The log could not be read.');
    feed.deliver([eventAt(3)]);
    feed.lose(lost);
    for (const follower of [one, two]) {
      expect(await taken(follower)).toEqual({ positions: [3], caughtUp: false });
      await expect(follower.next()).rejects.toBe(lost);
    }
    expect(open()).toEqual([]);
  });

  it('of a shared subscription is followed by another when a follower comes back', async () => {
    const { one, two, feed, subscription, follow, open } = await twoOnTheFeed();
    feed.lose(new Unavailable('The log could not be read.'));
    await expect(one.next()).rejects.toThrow(Unavailable);
    await expect(two.next()).rejects.toThrow(Unavailable);
    const again = follow(2n);
    const first = taken(again);
    const own = await subscription(2);
    own.deliver([eventAt(3)], true);
    expect(await first).toEqual({ positions: [3], caughtUp: true });
    const second = taken(again);
    own.deliver([eventAt(4)]);
    expect(await second).toEqual({ positions: [4], caughtUp: false });
    expect(open()).toEqual([2]);
  });

  it('of one’s own subscription concerns nobody else', async () => {
    const { subscription, follow, feed, one } = await twoOnTheFeed();
    const late = follow().next();
    (await subscription(2)).lose(new Unavailable('The log could not be read.'));
    await expect(late).rejects.toThrow(Unavailable);
    feed.deliver([eventAt(3)]);
    expect(await taken(one)).toEqual({ positions: [3], caughtUp: false });
  });

  it('of one follower, by its signal or by leaving, leaves the others their feed; the last one closes it', async () => {
    const { subscription, follow, feed, one, two, open } = await twoOnTheFeed();
    const stop = new AbortController();
    const third = follow(2n, ['order-'], stop.signal);
    const history = taken(third);
    (await subscription(2)).deliver([], true);
    await history;
    const waiting = third.next();
    await eventually(() => open().length === 1);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');

    feed.deliver([eventAt(3)]);
    expect([(await taken(one)).positions, (await taken(two)).positions]).toEqual([[3], [3]]);
    await one.return?.();
    expect(open()).toEqual([0]);
    await two.return?.();
    await eventually(() => open().length === 0);
  });

  it('by a signal, of the follower that began the feed, does not end the feed', async () => {
    const { subscription, follow, open } = surroundings();
    const stop = new AbortController();
    const [one, two] = [follow(undefined, ['order-'], stop.signal), follow()];
    const first = one.next();
    const feed = await subscription(0);
    feed.deliver([eventAt(1)], true);
    await first;
    const waiting = one.next();
    const second = taken(two);
    (await subscription(1)).deliver([eventAt(1)], true);
    await second;
    const next = taken(two);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    feed.deliver([eventAt(2)]);
    expect(await next).toEqual({ positions: [2], caughtUp: false });
    expect(open()).toEqual([0]);
  });

  it('by a signal, while history is read, closes the subscription of its own', async () => {
    const { subscription, follow, open } = surroundings();
    const stop = new AbortController();
    const one = follow(undefined, ['order-'], stop.signal).next();
    await subscription(0);
    stop.abort(new Error('enough'));
    await expect(one).rejects.toThrow('enough');
    expect(open()).toEqual([]);
    await expect(follow(undefined, ['order-'], stop.signal).next()).rejects.toThrow('enough');
  });
});
