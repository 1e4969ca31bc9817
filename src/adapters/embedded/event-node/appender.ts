// Decides appends: the expected revision, idempotency, the size limit. One turn of the event loop decides and places an append, so that
// no two can race; the answer waits until everything it rests on is durable.

import { MAX_NAME } from './frame.js';
import type { Journal } from './journal.js';
import type { StreamEntry } from './log-index.js';
import type { ProposedEvent, Target } from './proposal.js';
import { createRecentIds } from './recent-ids.js';
import { storedId } from './stored-event.js';
import { isSoftDeleted, metadataStreamOf } from './stream-limits.js';

/** EventStoreDB's default limit of one append, over data, metadata and types (two bytes a character). */
export const MAX_APPEND_BYTES = 1024 * 1024;

export type AppendOutcome =
  /** Revision and position of the append's last event; no position if it had none. */
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  /** The current revision; -1 if there is no such stream. */
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'bad-request'; readonly reason: string }
  /** Not written, and will not be. */
  | { readonly kind: 'read-only'; readonly reason: string }
  /** Nobody knows whether it was written. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Appender {
  /** Answers exactly once, possibly before it returns. */
  append(target: Target, events: readonly ProposedEvent[], answer: (outcome: AppendOutcome) => void): void;
}

/** The bytes of an event that count against the limit. */
export const countedBytes = (event: ProposedEvent): number => event.data.length + event.metadata.length + 2 * event.type.length;

/** An appender over this journal, which nobody else may append to. */
export function createAppender(journal: Journal): Appender {
  const { index } = journal;
  const recent = createRecentIds();

  function append(target: Target, events: readonly ProposedEvent[], answer: (outcome: AppendOutcome) => void): void {
    const settle = (outcome: AppendOutcome): void =>
      journal.whenSettled((failure) => answer(failure === undefined ? outcome : { kind: 'unknown', reason: failure }));
    const refusal = refuse(target, events);
    const decision = refusal ?? decide(target, events);
    if (refusal !== undefined) answer(refusal);
    else if (decision instanceof Promise) decision.then(settle, (error: unknown) => answer(unreadable(error)));
    else settle(decision);
  }

  function decide(target: Target, events: readonly ProposedEvent[]): AppendOutcome | Promise<AppendOutcome> {
    const { expected } = target;
    const stream = index.find(target.stream);
    const current = stream === undefined ? -1 : stream.ordinals.length - 1;
    if (expected === 'any' || expected === 'exists') {
      if (expected === 'exists' && stream !== undefined && isSoftDeleted(stream.limits)) return { kind: 'stream-deleted' };
      if (expected === 'exists' && !exists(target.stream, stream)) return { kind: 'wrong-version', current };
      const repeated = stream === undefined ? undefined : repeatOf(stream, events);
      return repeated ?? write(target, events);
    }
    const exact = expected === 'no-stream' ? -1 : expected;
    if (exact === current) return write(target, events);
    const last = exact + events.length;
    if (stream === undefined || exact > current || events.length === 0 || last > current) return { kind: 'wrong-version', current };
    return compareStored(stream, exact + 1, events).then((same) =>
      same ? written(stream, last) : { kind: 'wrong-version', current },
    );
  }

  function refuse({ stream, name, deadline }: Target, events: readonly ProposedEvent[]): AppendOutcome | undefined {
    if (journal.failure !== undefined) return { kind: 'read-only', reason: journal.failure };
    if (stream === '') return { kind: 'bad-request', reason: 'An append needs the name of a stream.' };
    if (name.length > MAX_NAME) return { kind: 'bad-request', reason: `The name of a stream has at most ${MAX_NAME} bytes.` };
    if (deadline !== undefined && deadline < Date.now()) return { kind: 'timeout' };
    let bytes = 0;
    for (const event of events) {
      if (event.id === undefined) return { kind: 'bad-request', reason: 'The id of an event is a UUID.' };
      if (event.type.length === 0) return { kind: 'bad-request', reason: 'An event needs a type.' };
      bytes += countedBytes(event);
    }
    return bytes > MAX_APPEND_BYTES ? { kind: 'too-large' } : undefined;
  }

  function exists(name: string, stream: StreamEntry | undefined): boolean {
    if (stream !== undefined && stream.ordinals.length > 0) return true;
    return (index.find(metadataStreamOf(name))?.ordinals.length ?? 0) > 0;
  }

  /** For ANY and EXISTS. All known: the same append again. Some known: a different one. None: `undefined`. */
  function repeatOf(stream: StreamEntry, events: readonly ProposedEvent[]): AppendOutcome | undefined {
    let last: number | undefined;
    let known = 0;
    for (const { id = '' } of events) {
      const revision = recent.find(stream, id);
      if (revision === undefined) continue;
      last = revision;
      known += 1;
    }
    if (last === undefined) return undefined;
    return known === events.length ? written(stream, last) : { kind: 'wrong-version', current: stream.ordinals.length - 1 };
  }

  async function compareStored(stream: StreamEntry, first: number, events: readonly ProposedEvent[]): Promise<boolean> {
    await new Promise((resolve) => journal.whenSettled(resolve));
    const stored = await journal.load(stream.ordinals.slice(first, first + events.length));
    return stored.length === events.length && stored.every((bytes, i) => storedId(bytes) === events[i]?.id);
  }

  function write(target: Target, events: readonly ProposedEvent[]): AppendOutcome {
    if (events.length === 0) {
      const current = (index.find(target.stream)?.ordinals.length ?? 0) - 1;
      return { kind: 'written', revision: Math.max(current, 0), position: undefined };
    }
    const stream = index.ensure(target.stream);
    const first = stream.ordinals.length;
    journal.append(stream, target.name, events);
    for (const [i, { id = '' }] of events.entries()) recent.remember(stream, id, first + i);
    return written(stream, first + events.length - 1);
  }

  function written(stream: StreamEntry, revision: number): AppendOutcome {
    return { kind: 'written', revision, position: index.positionOf(stream.ordinals[revision] ?? -1) };
  }

  return { append };
}

const unreadable = (error: unknown): AppendOutcome => ({ kind: 'unknown', reason: `The log could not be read: ${String(error)}.` });
