// Decides appends: the expected revision, idempotency, the size limit. One turn of the event loop decides and places an append, so that
// no two can race; the answer waits until everything it rests on is durable.

import type { AppendOutcome } from './append-outcome.js';
import { MAX_NAME } from './frame.js';
import type { Journal } from './journal.js';
import type { StreamEntry } from './log-index.js';
import type { ProposedEvent, Target } from './proposal.js';
import { createRecentIds } from './recent-ids.js';
import { createRemover, type Removal } from './removal.js';
import { storedId } from './stored-event.js';
import { describedBy, METADATA_PREFIX, parseMetadata } from './stream-limits.js';
import { createStreamStates } from './stream-states.js';

/** EventStoreDB's default limit of one append, over data, metadata and types (two bytes a character). */
export const MAX_APPEND_BYTES = 1024 * 1024;

type Decision = AppendOutcome | Promise<AppendOutcome>;

/** Both answer exactly once, possibly before they return. */
export interface Appender {
  append(target: Target, events: readonly ProposedEvent[], answer: (outcome: AppendOutcome) => void): void;
  /** Deletes the stream: it may come back; or for good. */
  remove(target: Target, removal: Removal, answer: (outcome: AppendOutcome) => void): void;
}

/** The bytes of an event that count against the limit. */
export const countedBytes = (event: ProposedEvent): number => event.data.length + event.metadata.length + 2 * event.type.length;

/** An appender over this journal, which nobody else may append to. */
export function createAppender(journal: Journal): Appender {
  const { index } = journal;
  const recent = createRecentIds();
  const states = createStreamStates(journal);
  const remove = createRemover(journal, states);

  /** The last decision about a stream that is still being made, because it needs what is on the medium. */
  const deciding = new Map<string, Promise<unknown>>();

  /** Decides at once, or behind those that came before it for the same stream: they are answered as if one had waited for the other. */
  function inTurn(stream: string, make: () => Decision): Decision {
    const before = deciding.size === 0 ? undefined : deciding.get(stream);
    const decision = before === undefined ? make() : before.then(make);
    if (decision instanceof Promise) {
      const made = decision.then(
        () => undefined,
        () => undefined,
      );
      deciding.set(stream, made);
      void made.then(() => {
        if (deciding.get(stream) === made) deciding.delete(stream);
      });
    }
    return decision;
  }

  /** Answers when everything that the outcome rests on is durable. */
  function settle(decision: Decision, answer: (outcome: AppendOutcome) => void): void {
    const wait = (outcome: AppendOutcome): void =>
      journal.whenSettled((failure) => answer(failure === undefined ? outcome : { kind: 'unknown', reason: failure }));
    if (decision instanceof Promise) decision.then(wait, (error: unknown) => answer(unreadable(error)));
    else wait(decision);
  }

  /** `isOther`: it is known that what stands behind the expected revision is not a repetition. */
  function decide(target: Target, events: readonly ProposedEvent[], isOther = false): Decision {
    // Again, because it may have had to wait for its turn.
    if (journal.failure !== undefined) return { kind: 'read-only', reason: journal.failure };
    const { expected } = target;
    const { entry, current, tombstoned, softDeleted } = states.of(target.stream, target.name);
    const wrong: AppendOutcome = { kind: 'wrong-version', current };
    if (tombstoned || (expected === 'exists' && softDeleted)) return { kind: 'stream-deleted' };
    if (expected === 'exists' && !states.exists(target.stream, current)) return wrong;
    if (expected === 'any' || expected === 'exists')
      return (entry === undefined ? undefined : repeatOf(entry, events)) ?? write(target, events, softDeleted);
    const exact = expected === 'no-stream' ? -1 : expected;
    if (exact === current) return write(target, events, softDeleted);
    const mayComeBack = expected === 'no-stream' && softDeleted;
    if (isOther) return mayComeBack ? write(target, events, softDeleted) : wrong;
    const last = exact + events.length;
    if (entry === undefined || exact > current || events.length === 0 || (last > current && !mayComeBack)) return wrong;
    return repeatedOf(entry, exact + 1, events).then((repeated) => {
      if (repeated === events.length) return written(entry, last);
      return repeated === 0 && mayComeBack ? decide(target, events, true) : wrong;
    });
  }

  function refuse({ stream, name, deadline }: Target, events: readonly ProposedEvent[]): AppendOutcome | undefined {
    if (journal.failure !== undefined) return { kind: 'read-only', reason: journal.failure };
    if (stream === '' || stream === '$$') return { kind: 'bad-request', reason: 'An append needs the name of a stream.' };
    if (stream === '$all') return { kind: 'bad-request', reason: 'The stream $all is the whole log: it cannot be appended to.' };
    if (name.length > MAX_NAME) return { kind: 'bad-request', reason: `The name of a stream has at most ${MAX_NAME} bytes.` };
    if (deadline !== undefined && deadline < Date.now()) return { kind: 'timeout' };
    const isMetadata = describedBy(stream) !== undefined;
    let bytes = 0;
    for (const event of events) {
      if (event.id === undefined) return { kind: 'bad-request', reason: 'The id of an event is a UUID.' };
      if (event.lacks !== undefined) return { kind: 'incomplete', property: event.lacks };
      if (event.type.length === 0) return { kind: 'bad-request', reason: 'An event needs a type.' };
      if (isMetadata && parseMetadata(event.data) === undefined)
        return { kind: 'bad-request', reason: 'The metadata of a stream is a JSON object.' };
      bytes += countedBytes(event);
    }
    return bytes > MAX_APPEND_BYTES ? { kind: 'too-large' } : undefined;
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
    return known === events.length ? written(stream, last) : { kind: 'wrong-version', current: stream.next - 1 };
  }

  /** How many of the events, from the first on, stand in the stream from this revision on. */
  async function repeatedOf(stream: StreamEntry, first: number, events: readonly ProposedEvent[]): Promise<number> {
    await new Promise((resolve) => journal.whenSettled(resolve));
    const ordinals = events.map((_, i) => stream.ordinalAt(first + i));
    // What a scavenge has removed can no longer be compared.
    const missing = ordinals.indexOf(-1);
    const stored = await journal.load(missing < 0 ? ordinals : ordinals.slice(0, missing));
    const different = stored.findIndex((bytes, i) => storedId(bytes) !== events[i]?.id);
    return different < 0 ? stored.length : different;
  }

  function write(target: Target, events: readonly ProposedEvent[], comesBack: boolean): Decision {
    if (comesBack) {
      const revival = states.revival(target.stream);
      if (revival instanceof Promise) return revival.then(() => decide(target, events));
      // Before the events: if only this were to become durable, a repetition of the append would write them.
      states.place(metadataNameOf(target.name), [revival]);
    }
    if (events.length === 0) {
      const current = (index.find(target.name)?.next ?? 0) - 1;
      return { kind: 'written', revision: Math.max(current, 0), position: undefined };
    }
    const described = describedBy(target.stream);
    const bringsBack = described !== undefined && states.of(described, described).softDeleted;
    const stream = states.place(target.name, events);
    const outcome = written(stream, stream.next - 1);
    let revision = stream.next - events.length;
    for (const { id = '' } of events) recent.remember(stream, id, revision++);
    if (bringsBack) {
      const revival = states.revival(described);
      if (!(revival instanceof Promise)) states.place(target.name, [revival]);
    }
    return outcome;
  }

  function written(stream: StreamEntry, revision: number): AppendOutcome {
    const ordinal = stream.ordinalAt(revision);
    // A scavenge may have removed what is remembered as written.
    return { kind: 'written', revision, position: ordinal < 0 ? undefined : index.positionOf(ordinal) };
  }

  return {
    append(target, events, answer) {
      const refusal = refuse(target, events);
      if (refusal !== undefined) answer(refusal);
      else
        settle(
          inTurn(target.stream, () => decide(target, events)),
          answer,
        );
    },
    remove(target, removal, answer) {
      const refusal = refuse(target, []);
      if (refusal !== undefined) answer(refusal);
      else
        settle(
          inTurn(target.stream, () => remove(target, removal)),
          answer,
        );
    },
  };
}

const metadataNameOf = (name: Buffer): Buffer => Buffer.concat([Buffer.from(METADATA_PREFIX), name]);

const unreadable = (error: unknown): AppendOutcome => ({ kind: 'unknown', reason: `The log could not be read: ${String(error)}.` });
