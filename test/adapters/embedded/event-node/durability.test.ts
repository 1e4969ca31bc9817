// What is told to whom, and when, around the moment that a write becomes durable.

import { describe, expect, it, vi } from 'vitest';
import type { AppendOutcome } from '../../../../src/adapters/embedded/event-node/append-outcome.js';
import { createAppender } from '../../../../src/adapters/embedded/event-node/appender.js';
import { createJournal } from '../../../../src/adapters/embedded/event-node/journal.js';
import { createLogIndex } from '../../../../src/adapters/embedded/event-node/log-index.js';
import type { Expected, ProposedEvent, Target } from '../../../../src/adapters/embedded/event-node/proposal.js';
import { heldMedium } from './held-medium.js';
import { proposed } from './proposed.js';

const at = (stream: string, expected: Expected): Target => ({ stream, name: Buffer.from(stream), expected, deadline: undefined });

function open() {
  const medium = heldMedium();
  const said: string[] = [];
  const index = createLogIndex();
  const journal = createJournal({ index, medium, position: 0, segment: 0, segmentBytes: 1e9, log: (line) => said.push(line) });
  const appender = createAppender(journal);
  const outcomes: AppendOutcome[] = [];
  const append = (target: Target, ...events: ProposedEvent[]) =>
    appender.append(target, events, (outcome) => outcomes.push(outcome));
  const writing = (count: number) => vi.waitUntil(() => medium.writes === count);
  return { medium, said, index, journal, append, outcomes, writing };
}

describe('until a write is durable', () => {
  it('it is neither answered nor visible; then it is visible first', async () => {
    const { medium, index, journal, append, outcomes, writing } = open();
    let answeredWhenPublished = -1;
    journal.onPublished(() => {
      answeredWhenPublished = outcomes.length;
    });
    append(at('order-1', 'no-stream'), proposed());
    await writing(1);
    expect([outcomes.length, index.visible, index.find('order-1')?.visible]).toEqual([0, 0, 0]);
    medium.release();
    await vi.waitUntil(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([{ kind: 'written', revision: 0 }]);
    expect([answeredWhenPublished, index.visible, index.find('order-1')?.visible]).toEqual([0, 1, 1]);
  });

  it('nothing is answered that rests on it: no repetition, no conflict, no empty append', async () => {
    const { medium, append, outcomes, writing } = open();
    const events = [proposed(), proposed()];
    append(at('order-1', 'no-stream'), ...events);
    await writing(1);
    append(at('order-1', 'no-stream'), ...events);
    append(at('order-1', 'any'), ...events);
    append(at('order-1', 'no-stream'), proposed());
    append(at('order-1', 1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual([]);
    medium.release();
    await vi.waitUntil(() => outcomes.length === 5);
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['written', 'written', 'written', 'written', 'wrong-version']);
    expect(medium.writes).toBe(1);
  });

  it('whatever arrives waits, and goes out in one write', async () => {
    const { medium, append, outcomes, writing } = open();
    append(at('order-1', 'no-stream'), proposed());
    await writing(1);
    for (let n = 2; n <= 100; n++) append(at(`order-${n}`, 'no-stream'), proposed());
    append(at('order-1', 0), proposed());
    medium.release();
    await writing(2);
    expect(outcomes).toHaveLength(1);
    medium.release();
    await vi.waitUntil(() => outcomes.length === 101);
    expect(outcomes.every(({ kind }) => kind === 'written')).toBe(true);
    expect(medium.writes).toBe(2);
  });
});

describe('a write that fails', () => {
  it('leaves its appends unknown and the node without appends, is said, and is not tried again', async () => {
    const { medium, said, index, journal, append, outcomes, writing } = open();
    append(at('order-1', 'no-stream'), proposed());
    await writing(1);
    append(at('order-2', 'no-stream'), proposed());
    medium.release(new Error('EIO: i/o error, fdatasync'));
    await vi.waitUntil(() => outcomes.length === 2);
    append(at('order-3', 'no-stream'), proposed());
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'read-only']);
    expect(said).toEqual([expect.stringContaining('EIO: i/o error')]);
    expect([medium.writes, index.visible, journal.failure]).toEqual([1, 0, said[0]]);
  });
});

describe('damage that is found while a write is under way', () => {
  it('ends appending, though that write becomes durable and is answered', async () => {
    const { medium, journal, append, outcomes, writing } = open();
    append(at('order-1', 'no-stream'), proposed());
    await writing(1);
    journal.fail('A segment is damaged.');
    append(at('order-2', 'no-stream'), proposed());
    medium.release();
    await vi.waitUntil(() => outcomes.length === 2);
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['read-only', 'written']);
    append(at('order-3', 'no-stream'), proposed());
    expect(outcomes.at(-1)).toEqual({ kind: 'read-only', reason: 'A segment is damaged.' });
    expect([medium.writes, journal.failure]).toEqual([1, 'A segment is damaged.']);
  });

  it('ends appending before a group that was about to be written', async () => {
    const { medium, journal, append, outcomes } = open();
    append(at('order-1', 'no-stream'), proposed());
    journal.fail('A segment is damaged.');
    await vi.waitUntil(() => outcomes.length === 1);
    expect(outcomes).toEqual([{ kind: 'unknown', reason: 'A segment is damaged.' }]);
    expect(medium.writes).toBe(0);
  });
});

describe('an append', () => {
  it('whose deadline has passed is not written', () => {
    const { append, outcomes, index } = open();
    append({ ...at('order-1', 'no-stream'), deadline: Date.now() - 1 }, proposed());
    expect(outcomes).toEqual([{ kind: 'timeout' }]);
    expect(index.length).toBe(0);
  });

  it.each([
    ['no stream', at('', 'any'), proposed()],
    ['an id that is not a UUID', at('order-1', 'any'), { ...proposed(), id: undefined }],
    ['no type', at('order-1', 'any'), { ...proposed(), type: Buffer.alloc(0) }],
    ['a name of 70,000 bytes', at('x'.repeat(70_000), 'any'), proposed()],
  ])('with %s is refused once', (_name, target, proposed) => {
    const { append, outcomes, index } = open();
    append(target, proposed);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['bad-request']);
    expect(index.length).toBe(0);
  });

  it('with STREAM_EXISTS on a soft-deleted stream is told that it is deleted', async () => {
    const { medium, append, outcomes, writing, index } = open();
    append(at('order-1', 'no-stream'), proposed());
    await writing(1);
    medium.release();
    await vi.waitUntil(() => outcomes.length === 1);
    index.ensure('order-1').limits = { maxCount: undefined, maxAgeSeconds: undefined, truncateBefore: Number.POSITIVE_INFINITY };
    append(at('order-1', 'exists'), proposed());
    expect(outcomes.at(-1)).toEqual({ kind: 'stream-deleted' });
  });
});
