// Appends over one connection at a time: bounded intake, reconnection with backoff. What was never sent ends in `Unavailable`, what
// may have been written in `OutcomeUnknown`; nothing is sent twice.

import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../domain/log/errors.js';
import type { ExpectedRevision } from '../../domain/log/event-store.js';
import type { Log } from '../log.js';
import type { AppendAnswer } from './append-answers.js';
import type { EncodedEvent } from './append-messages.js';
import { openBatchLanes } from './batch-lanes.js';
import type { BatchStream } from './batch-stream.js';
import type { Connection } from './connection.js';

export interface AppenderSettings {
  /** For an answer, and for a connection to be found. */
  readonly timeoutMs: number;
  readonly maxPending: number;
  readonly log: Log;
}

export interface Appender {
  /** @throws Unavailable it was not sent; @throws OutcomeUnknown it was, and nothing is known of it. */
  append(stream: string, events: readonly EncodedEvent[], expected: ExpectedRevision): Promise<AppendAnswer>;
  close(): void;
}

const firstBackoffMs = 100;
const longestBackoffMs = 2_000;
const longestConnectMs = 3_000;
const clientClosed = 'the client was closed';

export function appender(connection: Connection, { timeoutMs, maxPending, log }: AppenderSettings): Appender {
  const closing = new AbortController();
  let live: BatchStream | undefined;
  let opening: Promise<void> | undefined;
  let waiting = 0;
  let failures = 0;
  let retryAt = 0;
  let failure = '';

  function failed(why: string): void {
    if (closing.signal.aborted) return;
    if (failures === 0) log.warn({ why }, 'Nothing can be appended to the event store.');
    failure = why;
    // The first failure costs no wait: a store that was restarted is back at once.
    const backoff = failures === 0 ? 0 : Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1));
    failures = Math.min(failures + 1, 16);
    retryAt = performance.now() + backoff * (0.5 + Math.random() / 2);
  }

  function answered(): void {
    if (failures === 0) return;
    failures = 0;
    failure = '';
    log.info({}, 'The event store answers appends again.');
  }

  function ended(why: string): void {
    live = undefined;
    failed(why);
  }

  /** Never throws. A store that has only just gone may be on its way back: then it is tried again for a while. */
  async function open(): Promise<void> {
    const connectMs = Math.min(timeoutMs, longestConnectMs);
    const patientUntil = failures <= 1 ? performance.now() + connectMs : 0;
    for (let pause = firstBackoffMs / 2; ; pause *= 2) {
      try {
        live = await openBatchLanes(connection, connectMs, { timeoutMs, onAnswer: answered, onEnd: ended });
        if (closing.signal.aborted) live.end(clientClosed);
        break;
      } catch (error) {
        if (!closing.signal.aborted && performance.now() + pause < patientUntil) {
          await delay(pause);
          continue;
        }
        failed(error instanceof Error ? error.message : String(error));
        break;
      }
    }
    opening = undefined;
  }

  const unavailable = (stream: string, why: string) => new Unavailable(`Nothing was appended to ${stream}: ${why}.`);

  async function appendWhenOpen(
    stream: string,
    events: readonly EncodedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendAnswer> {
    if (opening === undefined) {
      if (performance.now() < retryAt) throw unavailable(stream, failure);
      const longEnough = delay(timeoutMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      opening = Promise.race([open(), longEnough]);
    }
    waiting++;
    await opening;
    waiting--;
    if (closing.signal.aborted) throw unavailable(stream, clientClosed);
    if (live === undefined) throw unavailable(stream, failure || `no event store was found within ${timeoutMs} ms`);
    return live.append(stream, events, expected);
  }

  return {
    append(stream, events, expected) {
      if (closing.signal.aborted) return Promise.reject(unavailable(stream, clientClosed));
      if (waiting + (live?.pending ?? 0) >= maxPending)
        return Promise.reject(unavailable(stream, `${maxPending} appends are waiting already`));
      return live === undefined ? appendWhenOpen(stream, events, expected) : live.append(stream, events, expected);
    },
    close() {
      closing.abort();
      live?.end(clientClosed);
    },
  };
}
