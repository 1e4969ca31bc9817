// The event store port on EventStoreDB, or on anything that speaks its protocol. The lifetime of the connection is owned here.

import { randomUUID } from 'node:crypto';
import { InfrastructureError, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, StreamMetadata } from '../../domain/log/event-store.js';
import { type Log, silent } from '../log.js';
import { appender } from './appender.js';
import { connection as connect } from './connection.js';
import { appendFailure } from './failures.js';
import { readAllRequest, readStreamRequest } from './read-requests.js';
import { followEvents, readEvents } from './reading.js';

export interface EventStoreOptions {
  /** `esdb://...`; for a cluster with `nodePreference=leader` and more discovery attempts than its default. */
  readonly url: string;
  /** How long an append may go unanswered, and a read be silent. Default 10 s. */
  readonly appendTimeoutMs?: number;
  /** With so many appends under way, a further one is `Unavailable`. Default 4,096. */
  readonly maxPending?: number;
  /** Is told when appending became impossible, and possible again. */
  readonly log?: Log;
}

const metadataAttempts = 5;

/** EventStoreDB has an error for a read of no events. */
async function* nothing(): AsyncGenerator<never, void, undefined> {}

/** As EventStoreDB has it in the events of `$$stream`. What is undefined is left out. */
const metadataEvent = ({ maxCount, maxAgeSeconds, truncateBefore }: StreamMetadata): NewEvent => ({
  id: randomUUID(),
  type: '$metadata',
  data: Buffer.from(JSON.stringify({ $maxCount: maxCount, $maxAge: maxAgeSeconds, $tb: truncateBefore })),
  metadata: Buffer.alloc(0),
});

/**
 * The store behind a connection string. Nothing is connected before the first call; `close` ends what is under way: appends as
 * `OutcomeUnknown`, reads and subscriptions as `Unavailable`.
 * @throws if the connection string is malformed
 */
export function connectEventStore(options: EventStoreOptions): EventStore & { close(): Promise<void> } {
  const { url, appendTimeoutMs: timeoutMs = 10_000, maxPending = 4_096, log = silent } = options;
  const connection = connect(url);
  const appends = appender(connection, { timeoutMs, maxPending, log });

  async function positionOf(stream: string, revision: number): Promise<bigint> {
    const request = readStreamRequest(stream, { from: revision, limit: 1 });
    for await (const event of readEvents(connection, request, `${stream}@${revision}`, timeoutMs)) return event.position;
    throw new Unavailable(`${stream}@${revision} was written and is not there any more.`);
  }

  async function append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    if (events.length === 0) throw new TypeError(`An append to ${stream} has no events.`);
    const answer = await appends.append(stream, events, expected);
    switch (answer.outcome) {
      case 'conflict':
        return { outcome: 'conflict', actual: answer.actual };
      case 'refused':
        throw appendFailure(stream, answer.reason, answer.message);
      case 'appended': {
        const { revision, position } = answer;
        if (position !== null) return { outcome: 'appended', revision, position };
        try {
          return { outcome: 'appended', revision, position: await positionOf(stream, revision) };
        } catch (cause) {
          if (!(cause instanceof InfrastructureError)) throw cause;
          throw new OutcomeUnknown(`${stream}@${revision} was written, but not where it stands in the log could be learnt.`, {
            cause,
          });
        }
      }
    }
  }

  return {
    append,
    readStream: (stream, read = {}) =>
      read.limit === 0 ? nothing() : readEvents(connection, readStreamRequest(stream, read), `The stream ${stream}`, timeoutMs),
    readAll: (read = {}) => (read.limit === 0 ? nothing() : readEvents(connection, readAllRequest(read), 'The log', timeoutMs)),
    follow: (follow) => followEvents(connection, follow),
    async setMetadata(stream, metadata) {
      const event = metadataEvent(metadata);
      let expected: ExpectedRevision = 'no-stream';
      for (let attempt = 1; attempt <= metadataAttempts; attempt++) {
        const result: AppendResult = await append(`$$${stream}`, [event], expected);
        if (result.outcome === 'appended') return;
        expected = result.actual;
      }
      throw new Unavailable(`The metadata of ${stream} was not set: others set it at the same time.`);
    },
    async close() {
      appends.close();
      await connection.close();
    },
  };
}
