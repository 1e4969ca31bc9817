// Writes a copy's events to the target: neighbours of one stream in one append, one append after the other, so that at every moment the
// target holds a first part of the source and nothing else. That costs speed and buys that a copy can be killed at any time.

import { setTimeout as delay } from 'node:timers/promises';
import { OutcomeUnknown, Rejected, Unavailable } from '../../../domain/log/errors.js';
import type { ExpectedRevision } from '../../../domain/log/event-store.js';
import type { EncodedEvent } from '../append-messages.js';
import type { Appender } from '../appender.js';
import type { LoggedEvent } from './log-reader.js';

const RUN_EVENTS = 200;
const RUN_BYTES = 256 * 1024;
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** As EventStoreDB counts it. */
const sizeOf = ({ data, metadata, type }: LoggedEvent): number => data.length + metadata.length + 2 * type.length;

const encoded = ({ id, type, isJson, data, metadata }: LoggedEvent): EncodedEvent => ({ id, type, isJson, data, metadata });

/**
 * Appends, and when the connection breaks or nobody knows the outcome, again: the same events at the same revision, which are written once.
 * @returns the revision that the stream is at instead, if the expected one is wrong @throws Unavailable, Rejected
 */
export async function appendPersistently(
  appender: Appender,
  stream: string,
  events: readonly LoggedEvent[],
  expected: ExpectedRevision,
): Promise<ExpectedRevision | undefined> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const answer = await appender.append(stream, events.map(encoded), expected);
      if (answer.outcome === 'appended') return undefined;
      if (answer.outcome === 'conflict') return answer.actual;
      if (answer.reason !== 'Timeout')
        throw new Rejected(`The target refuses to append to ${stream}: ${answer.reason} ${answer.message}`);
    } catch (error) {
      const mayPass = error instanceof Unavailable || error instanceof OutcomeUnknown;
      if (!mayPass || performance.now() > giveUpAt) throw error;
    }
    if (performance.now() > giveUpAt) throw new Unavailable(`The target has not answered an append to ${stream} for a minute.`);
    await delay(pause);
  }
}

export interface RunWriter {
  /** Takes the next event of the source; what was taken before may be written now. */
  add(event: LoggedEvent): Promise<void>;
  /** Writes what is left. */
  flush(): Promise<void>;
}

/** A writer over this connection to the target. @throws Rejected where the target is not what the source says it should be */
export function createRunWriter(appender: Appender, written: (events: number) => void): RunWriter {
  let run: LoggedEvent[] = [];
  let bytes = 0;

  async function flush(): Promise<void> {
    const [first] = run;
    if (first === undefined) return;
    const { stream, revision } = first;
    const actual = await appendPersistently(appender, stream, run, revision === 0 ? 'no-stream' : revision - 1);
    if (actual !== undefined) throw wrongRevision(stream, revision, actual === 'no-stream' ? -1 : actual);
    written(run.length);
    run = [];
    bytes = 0;
  }

  return {
    flush,
    async add(event) {
      const last = run.at(-1);
      const follows = last !== undefined && last.stream === event.stream && last.revision + 1 === event.revision;
      if (!follows || run.length >= RUN_EVENTS || bytes + sizeOf(event) > RUN_BYTES) await flush();
      run.push(event);
      bytes += sizeOf(event);
    },
  };
}

function wrongRevision(stream: string, revision: number, actual: number): Rejected {
  return new Rejected(
    actual < revision - 1
      ? `The source no longer holds ${stream}@${actual + 1} up to ${stream}@${revision - 1}: a scavenge has removed them, and without them the revisions cannot be kept.`
      : `Somebody else writes to the target: ${stream} is at revision ${actual}, and should be at ${revision - 1}.`,
  );
}
