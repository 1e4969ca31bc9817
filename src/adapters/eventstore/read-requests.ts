// What we ask of the server's Read call, built on the client package's generated messages.

import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { Follow, ReadAll, ReadStream } from '../../domain/log/event-store.js';

const { Empty, StreamIdentifier } = sharedMessages;
const { Options } = streamsMessages.ReadReq;

/** A checkpoint message comes each time this many times 32 events were considered; we resume from events only, so rarely will do. */
const checkpointInterval = 32;

const direction = { forwards: Options.ReadDirection.FORWARDS, backwards: Options.ReadDirection.BACKWARDS } as const;

function request(): { readonly message: ReadReq; readonly options: ReadReq.Options } {
  const options = new Options();
  const uuids = new Options.UUIDOption();
  uuids.setString(new Empty());
  options.setUuidOption(uuids);
  options.setNoFilter(new Empty());
  const message = new streamsMessages.ReadReq();
  message.setOptions(options);
  return { message, options };
}

function everything(position: bigint | undefined, otherwise: 'start' | 'end'): ReadReq.Options.AllOptions {
  const all = new Options.AllOptions();
  if (position !== undefined) {
    const place = new Options.Position();
    place.setCommitPosition(position.toString());
    place.setPreparePosition(position.toString());
    all.setPosition(place);
  } else if (otherwise === 'start') all.setStart(new Empty());
  else all.setEnd(new Empty());
  return all;
}

export function readStreamRequest(stream: string, { direction: towards = 'forwards', from, limit }: ReadStream): ReadReq {
  const { message, options } = request();
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  const place = new Options.StreamOptions();
  place.setStreamIdentifier(identifier);
  if (from !== undefined) place.setRevision(from.toString());
  else if (towards === 'forwards') place.setStart(new Empty());
  else place.setEnd(new Empty());
  options.setStream(place);
  options.setReadDirection(direction[towards]);
  options.setCount((limit ?? Number.MAX_SAFE_INTEGER).toString());
  return message;
}

export function readAllRequest({ direction: towards = 'forwards', from, limit }: ReadAll): ReadReq {
  const { message, options } = request();
  options.setAll(everything(from, towards === 'forwards' ? 'start' : 'end'));
  options.setReadDirection(direction[towards]);
  options.setCount((limit ?? Number.MAX_SAFE_INTEGER).toString());
  return message;
}

export function followRequest({ after, streamPrefixes }: Follow): ReadReq {
  const { message, options } = request();
  const names = new Options.FilterOptions.Expression();
  names.setPrefixList([...streamPrefixes]);
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(names);
  filter.setCount(new Empty());
  filter.setCheckpointintervalmultiplier(checkpointInterval);
  options.setAll(everything(after, 'start'));
  options.setSubscription(new Options.SubscriptionOptions());
  options.setFilter(filter);
  return message;
}
