// The calls that remove a stream: Delete, after which it can come back, and Tombstone, after which it cannot.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { callErrorFor } from './append-answers.js';
import type { AppendOutcome } from './append-outcome.js';
import type { Appender } from './appender.js';
import { wrongExpectedVersion } from './call-error.js';
import { type Handler, unary } from './grpc/methods.js';
import { CallError, status } from './grpc/status.js';
import type { Expected, Target } from './proposal.js';
import type { Removal } from './removal.js';

type Options = streams.DeleteReq.Options | streams.TombstoneReq.Options;

/** The handler of Streams.Delete. */
export const deleteHandler = (appender: Appender): Handler =>
  unary(streams.DeleteReq.deserializeBinary, async (request) => {
    const position = await remove(appender, 'delete', request.getOptions());
    const response = new streams.DeleteResp();
    if (position === undefined) response.setNoPosition(new shared.Empty());
    else response.setPosition(placeOf(new streams.DeleteResp.Position(), position));
    return response;
  });

/** The handler of Streams.Tombstone. */
export const tombstoneHandler = (appender: Appender): Handler =>
  unary(streams.TombstoneReq.deserializeBinary, async (request) => {
    const position = await remove(appender, 'tombstone', request.getOptions());
    const response = new streams.TombstoneResp();
    if (position === undefined) response.setNoPosition(new shared.Empty());
    else response.setPosition(placeOf(new streams.TombstoneResp.Position(), position));
    return response;
  });

/** The position of what was written for it. @throws CallError if it is refused */
async function remove(appender: Appender, removal: Removal, options: Options | undefined): Promise<number | undefined> {
  const target = targetOf(options);
  if (target === undefined)
    throw new CallError(status.INVALID_ARGUMENT, 'A removal names a stream and the revision that it expects.');
  const outcome = await new Promise<AppendOutcome>((answer) => appender.remove(target, removal, answer));
  if (outcome.kind !== 'written') throw refusalOf(outcome, target);
  return outcome.position;
}

function targetOf(options: Options | undefined): Target | undefined {
  const expected = options === undefined ? undefined : expectedOf(options);
  if (options === undefined || expected === undefined) return undefined;
  const name = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []);
  return { stream: name.toString('utf8'), name, expected, deadline: undefined };
}

function expectedOf(options: Options): Expected | undefined {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasStreamExists()) return 'exists';
  return options.hasRevision() ? Number(options.getRevision()) : undefined;
}

function refusalOf(outcome: Exclude<AppendOutcome, { kind: 'written' }>, { stream, expected }: Target): CallError {
  return outcome.kind === 'wrong-version' ? wrongExpectedVersion(stream, expected, outcome.current) : callErrorFor(outcome, stream);
}

function placeOf<Place extends { setCommitPosition(text: string): void; setPreparePosition(text: string): void }>(
  place: Place,
  position: number,
): Place {
  place.setCommitPosition(String(position));
  place.setPreparePosition(String(position));
  return place;
}
