// Serves the Read call: decides from the request what is read and from where, then a read or a subscription runs to its end.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { closing, streamDeleted } from './call-error.js';
import { filterOf } from './event-filter.js';
import { EVENT_HEADER } from './frame.js';
import type { Call } from './grpc/call.js';
import { type Handler, serverStreaming } from './grpc/methods.js';
import { CallError, status } from './grpc/status.js';
import type { Journal } from './journal.js';
import type { OpenCalls } from './open-calls.js';
import { read } from './read.js';
import type { Reader } from './reader.js';
import { renderingOf } from './rendering.js';
import { allEvents, eventsOf, type Sequence } from './sequence.js';
import { isSoftDeleted } from './stream-limits.js';
import { type Publications, subscribe } from './subscribe.js';

const BACKWARDS = streams.ReadReq.Options.ReadDirection.BACKWARDS;

/** The handler of Streams.Read. */
export const readHandler = (journal: Journal, publications: Publications, calls: OpenCalls): Handler =>
  serverStreaming(streams.ReadReq.deserializeBinary, (request, call) => {
    call.onClosed(calls.enter(() => call.fail(closing())));
    return serve(request, journal, publications, call);
  });

async function serve(request: ReadReq, journal: Journal, publications: Publications, call: Call): Promise<void> {
  const options = request.getOptions();
  if (options === undefined) throw new CallError(status.INVALID_ARGUMENT, 'A read needs options.');
  const name = streamName(options);
  const { index } = journal;
  const sequence = name === undefined ? allEvents(index) : eventsOf(index, name);
  if (name !== undefined && sequence.isOver()) throw streamDeleted(name);
  const reader: Reader = {
    name: name ?? '$all',
    journal,
    sequence,
    filter: filterOf(options),
    rendering: renderingOf(options, journal),
  };
  if (options.hasSubscription()) return subscribe(reader, subscriptionStart(options, journal, sequence), publications, call);
  if (name !== undefined && isMissing(journal, name)) {
    call.write(notFound(name));
    return call.end();
  }
  const backwards = options.getReadDirection() === BACKWARDS;
  const most = Number(options.getCount());
  if (most === 0) throw new CallError(status.UNKNOWN, 'A read asks for at least one event.');
  return read(reader, { from: await readStart(options, journal, sequence, backwards), backwards, most }, call);
}

/** The stream's name; `undefined` for the whole log. */
function streamName(options: ReadReq.Options): string | undefined {
  const stream = options.getStream();
  if (stream === undefined) {
    if (!options.hasAll()) throw new CallError(status.INVALID_ARGUMENT, 'A read names a stream, or asks for all of them.');
    return undefined;
  }
  const name = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  if (name === '') throw new CallError(status.UNKNOWN, 'A read needs the name of a stream.');
  return name;
}

function isMissing(journal: Journal, name: string): boolean {
  const entry = journal.index.find(name);
  return entry === undefined || entry.visible === 0 || isSoftDeleted(entry.limits);
}

function notFound(name: string): Buffer {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name));
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifier);
  const response = new streams.ReadResp();
  response.setStreamNotFound(missing);
  return Buffer.from(response.serializeBinary());
}

/** The count that a read begins at: inclusive forwards, and backwards the last one to be read. */
async function readStart(options: ReadReq.Options, journal: Journal, sequence: Sequence, backwards: boolean): Promise<number> {
  const stream = options.getStream();
  if (stream !== undefined) {
    if (stream.hasStart()) return 0;
    if (stream.hasEnd()) {
      if (!backwards) throw new CallError(status.UNKNOWN, 'Behind the end of a stream there is nothing to read forwards.');
      return sequence.end() - 1;
    }
    return Number(stream.getRevision());
  }
  const all = options.getAll();
  if (all?.hasStart() === true) return backwards ? -1 : 0;
  const place = all?.getPosition();
  if (place === undefined) return backwards ? sequence.end() - 1 : sequence.end();
  const ordinal = await ordinalOf(journal, place);
  return backwards ? ordinal - 1 : ordinal;
}

/**
 * A read of the log starts at a record, behind the last one, or where a scavenge has removed one: then at what follows. In the middle of
 * a record is a position of another log.
 */
async function ordinalOf({ index, load }: Journal, place: ReadReq.Options.Position): Promise<number> {
  const commit = Number(place.getCommitPosition());
  if (BigInt(place.getPreparePosition()) > BigInt(place.getCommitPosition()))
    throw new CallError(status.UNKNOWN, 'The prepare position lies behind the commit position.');
  const ordinal = index.atOrBehind(commit);
  const isExact = commit === 0 || ordinal === index.visible || index.positionOf(ordinal) === commit;
  if (isExact || ordinal === 0 || index.streamNumberOf(ordinal - 1) < 0) return ordinal;
  const [before] = await load([ordinal - 1]);
  if (before === undefined || commit >= index.positionOf(ordinal - 1) + EVENT_HEADER + before.length) return ordinal;
  throw new CallError(status.UNKNOWN, `No record of this log begins at position ${commit}.`);
}

/** The count that a subscription begins at; what it was given is exclusive. */
function subscriptionStart(options: ReadReq.Options, journal: Journal, sequence: Sequence): number {
  const from = options.getStream() ?? options.getAll();
  if (from === undefined || from.hasStart()) return 0;
  if (from.hasEnd()) return sequence.end();
  const place = options.getAll()?.getPosition();
  if (place !== undefined) return journal.index.atOrBehind(Number(place.getCommitPosition()) + 1);
  return Number(options.getStream()?.getRevision() ?? 0) + 1;
}
