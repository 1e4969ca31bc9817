// Deletions around the moment that they become durable: what decisions build on, and in which order a stream comes back.

import { describe, expect, it, vi } from 'vitest';
import type { AppendOutcome } from '../../../../src/adapters/embedded/event-node/append-outcome.js';
import { createAppender } from '../../../../src/adapters/embedded/event-node/appender.js';
import { createJournal } from '../../../../src/adapters/embedded/event-node/journal.js';
import { createLogIndex } from '../../../../src/adapters/embedded/event-node/log-index.js';
import { followMetadata } from '../../../../src/adapters/embedded/event-node/metadata-streams.js';
import type { Expected, ProposedEvent, Target } from '../../../../src/adapters/embedded/event-node/proposal.js';
import { eventsOf } from '../../../../src/adapters/embedded/event-node/sequence.js';
import { isSoftDeleted } from '../../../../src/adapters/embedded/event-node/stream-limits.js';
import { heldMedium } from './held-medium.js';
import { proposed } from './proposed.js';

const at = (expected: Expected, stream = 'order-1'): Target => ({
  stream,
  name: Buffer.from(stream),
  expected,
  deadline: undefined,
});

/** A node whose stream `order-1` has three durable events. */
async function open() {
  const medium = heldMedium();
  const index = createLogIndex();
  const journal = createJournal({ index, medium, position: 0, segment: 0, segmentBytes: 1e9, log: () => undefined });
  followMetadata(journal);
  const appender = createAppender(journal);
  const outcomes: AppendOutcome[] = [];
  const answer = (outcome: AppendOutcome): void => void outcomes.push(outcome);
  const append = (target: Target, ...events: ProposedEvent[]) => appender.append(target, events, answer);
  const remove = (removal: 'delete' | 'tombstone', target = at('any')) => appender.remove(target, removal, answer);
  let writes = 0;
  /** Lets everything become durable that has been placed. */
  const settle = async (): Promise<AppendOutcome[]> => {
    await vi.waitUntil(() => medium.writes === writes + 1);
    writes += 1;
    medium.release();
    await vi.waitUntil(() => outcomes.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    return outcomes.splice(0);
  };
  append(at('no-stream'), proposed(), proposed(), proposed());
  await settle();
  return { index, append, remove, settle, outcomes };
}

const logOf = ({ index }: { index: ReturnType<typeof createLogIndex> }): string[] =>
  Array.from({ length: index.length }, (_, ordinal) => index.streamOf(ordinal).name);

describe('a deletion that is not durable yet', () => {
  it('counts for the decisions behind it, and for no reader', async () => {
    const node = await open();
    node.remove('delete');
    node.append(at('exists'), proposed());
    node.append(at(0), proposed());
    expect(node.outcomes).toEqual([]);
    expect(isSoftDeleted(node.index.find('order-1')?.limits)).toBe(false);
    expect((await node.settle()).map(({ kind }) => kind).toSorted()).toEqual(['stream-deleted', 'written', 'wrong-version']);
    expect(isSoftDeleted(node.index.find('order-1')?.limits)).toBe(true);
  });

  it('and those behind it on the same stream are decided in their turn, also where one has to look at the medium', async () => {
    const node = await open();
    node.remove('delete');
    node.append(at('no-stream'), proposed());
    node.append(at(3), proposed());
    const settled = [...(await node.settle()), ...(await node.settle())];
    expect(settled.map((outcome) => outcome.kind === 'written' && outcome.revision)).toEqual([0, 3, 4]);
    const stream = eventsOf(node.index, 'order-1');
    expect([stream.start(), stream.end()]).toEqual([3, 5]);
  });

  it('for good lets nothing in behind it, and readers do not see it before it is durable', async () => {
    const node = await open();
    node.remove('tombstone');
    node.append(at('any'), proposed());
    node.append(at(2), proposed());
    node.append(at('any', '$$order-1'), proposed());
    node.remove('delete');
    expect(eventsOf(node.index, 'order-1').isOver()).toBe(false);
    const kinds = (await node.settle()).map(({ kind }) => kind);
    expect(kinds).toEqual(['written', 'stream-deleted', 'stream-deleted', 'stream-deleted', 'stream-deleted']);
    expect(eventsOf(node.index, 'order-1').isOver()).toBe(true);
    expect(eventsOf(node.index, '$$order-1').isOver()).toBe(true);
    expect(logOf(node)).toHaveLength(4);
  });
});

describe('a stream that comes back', () => {
  it('has its metadata first and its events behind it: what was acknowledged is never hidden by a deletion before it', async () => {
    const node = await open();
    node.remove('delete');
    await node.settle();
    node.append(at(2), proposed());
    await node.settle();
    expect(logOf(node).slice(3)).toEqual(['$$order-1', '$$order-1', 'order-1']);
  });
});
