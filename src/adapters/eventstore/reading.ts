// Reads and subscriptions: a Read call each, its events as the port has them. The call is cancelled when the consumer stops.

import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Follow, FollowedBatch, StoredEvent } from '../../domain/log/event-store.js';
import { type Connection, read } from './connection.js';
import { isStreamDeleted, readFailure } from './failures.js';
import { decodeReadMessage, type ReadMessage } from './read-messages.js';
import { followRequest } from './read-requests.js';
import { type Received, received } from './received.js';

async function open(connection: Connection, request: ReadReq, requiresLeader: boolean): Promise<Received<ReadMessage>> {
  const { path, requestSerialize } = read;
  const call = await connection.call({ name: 'read', requiresLeader }, (client, metadata, options) =>
    client.makeServerStreamRequest(path, requestSerialize, decodeReadMessage, request, metadata, options),
  );
  return received(call);
}

async function takeWithin(messages: Received<ReadMessage>, timeoutMs: number): Promise<ReadMessage[]> {
  const silence = setTimeout(() => messages.abort(new Error(`the event store sent nothing for ${timeoutMs} ms`)), timeoutMs);
  try {
    return await messages.take();
  } finally {
    clearTimeout(silence);
  }
}

/**
 * The events that the request asks for; none of a stream that does not exist or was deleted. In a cluster the leader is asked, so that
 * what was appended is read.
 * @param what completes the sentence "... could not be read".
 * @param timeoutMs how long the server may be silent while we wait for it.
 * @throws Unavailable, Rejected
 */
export async function* readEvents(
  connection: Connection,
  request: ReadReq,
  what: string,
  timeoutMs: number,
): AsyncGenerator<StoredEvent, void, undefined> {
  let messages: Received<ReadMessage> | undefined;
  try {
    messages = await open(connection, request, true);
    for (;;) {
      const batch = await takeWithin(messages, timeoutMs);
      if (batch.length === 0) return;
      for (const message of batch) if (typeof message === 'object') yield message;
    }
  } catch (error) {
    if (!isStreamDeleted(error)) throw readFailure(what, error);
  } finally {
    messages?.close();
  }
}

/** The port's `follow`. Any member of the cluster will do. */
export async function* followEvents(connection: Connection, options: Follow): AsyncGenerator<FollowedBatch, never, undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  let messages: Received<ReadMessage> | undefined;
  const abort = () => messages?.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  try {
    messages = await open(connection, followRequest(options), false);
    signal?.throwIfAborted();
    let caughtUp = false;
    for (;;) {
      const batch = await messages.take();
      if (batch.length === 0) throw new Error('the event store ended the subscription');
      let events: StoredEvent[] = [];
      for (const message of batch) {
        if (typeof message === 'object') events.push(message);
        else if (message === 'caught-up' && !caughtUp) {
          caughtUp = true;
          yield { events, caughtUp };
          events = [];
        }
      }
      if (events.length > 0) yield { events, caughtUp: false };
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : readFailure('The log', error);
  } finally {
    signal?.removeEventListener('abort', abort);
    messages?.close();
  }
}
