// A whole log as a copy sees it: event by event, byte for byte, told apart into what is copied as it is, metadata, tombstones, and what
// belongs to the server.

import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Connection } from '../connection.js';
import { readFailure } from '../failures.js';
import { readAllRequest } from '../read-requests.js';
import { readEvents } from '../reading.js';
import { type Received, received } from '../received.js';

export interface LoggedEvent {
  /** `metadata`: of the stream `describes`. `tombstone`: its stream is deleted for good. `system`: the server's own. */
  readonly kind: 'event' | 'metadata' | 'tombstone' | 'system';
  readonly stream: string;
  readonly describes: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  readonly position: bigint;
  /** The server's clock, as it says it. */
  readonly created: string;
}

/** Reads on, one event at a time. */
export interface LogCursor {
  /** `undefined` at the end of the log. @throws Unavailable, Rejected */
  next(): Promise<LoggedEvent | undefined>;
  close(): void;
}

const SILENCE_MS = 30_000;
const TOMBSTONE_REVISION = '9223372036854775807';

/** The position of the last event, whoever wrote it; 0 in an empty log. @throws Unavailable, Rejected */
export async function headOf(connection: Connection): Promise<bigint> {
  const backwards = readAllRequest({ direction: 'backwards', limit: 1 });
  for await (const { position } of readEvents(connection, backwards, 'The source', SILENCE_MS)) return position;
  return 0n;
}

/** Reads the log from its start to the end that it has then. @param what completes "... could not be read" */
export function readLog(connection: Connection, what: string): LogCursor {
  let messages: Received<ReadResp> | undefined;
  let batch: readonly ReadResp[] = [];
  let at = 0;
  let over = false;

  async function open(): Promise<Received<ReadResp>> {
    const call = await connection.call({ name: 'read', requiresLeader: true }, (client, metadata, options) =>
      client.read(readAllRequest({}), metadata, options),
    );
    return received(call);
  }

  return {
    async next() {
      for (;;) {
        const message = batch[at++];
        if (message !== undefined) {
          const event = eventOf(message);
          if (event === undefined) continue;
          return event;
        }
        if (over) return undefined;
        try {
          messages ??= await open();
          batch = await messages.take();
        } catch (error) {
          throw readFailure(what, error);
        }
        at = 0;
        over = batch.length === 0;
      }
    },
    close: () => messages?.close(),
  };
}

function eventOf(message: ReadResp): LoggedEvent | undefined {
  const record = message.getEvent()?.getEvent();
  if (record === undefined) return undefined;
  const stream = Buffer.from(record.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  const properties = record.getMetadataMap();
  const type = properties.get('type') ?? '';
  const describes = stream.startsWith('$$') ? stream.slice(2) : stream;
  const isTombstone = type === '$streamDeleted' && record.getStreamRevision() === TOMBSTONE_REVISION;
  const ofServer = describes.startsWith('$') || describes === '';
  return {
    kind: ofServer ? 'system' : stream !== describes ? 'metadata' : isTombstone ? 'tombstone' : 'event',
    stream,
    describes,
    revision: Number(record.getStreamRevision()),
    id: record.getId()?.getString() ?? '',
    type,
    isJson: properties.get('content-type') === 'application/json',
    data: record.getData_asU8(),
    metadata: record.getCustomMetadata_asU8(),
    position: BigInt(record.getCommitPosition()),
    created: properties.get('created') ?? '',
  };
}
