// The calls that remove a stream: Delete, after which it can come back, and Tombstone, after which it cannot.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { callErrorFor } from './append-answers.js';
import type { AppendOutcome } from './append-outcome.js';
import type { Appender } from './appender.js';
import { CallError, wrongExpectedVersion } from './call-error.js';
import type { Expected, Target } from './proposal.js';

type Options = streams.DeleteReq.Options | streams.TombstoneReq.Options;

/** The handler of Streams.Delete. */
export const deleteHandler =
  (appender: Appender) =>
  (call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>, respond: sendUnaryData<streams.DeleteResp>): void => {
    const target = targetOf(call.request.getOptions());
    if (target === undefined) respond(incomplete());
    else
      appender.remove(target, 'delete', (outcome) => {
        if (outcome.kind !== 'written') return respond(refusalOf(outcome, target));
        const response = new streams.DeleteResp();
        if (outcome.position === undefined) response.setNoPosition(new shared.Empty());
        else response.setPosition(placeOf(new streams.DeleteResp.Position(), outcome.position));
        respond(null, response);
      });
  };

/** The handler of Streams.Tombstone. */
export const tombstoneHandler =
  (appender: Appender) =>
  (call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>, respond: sendUnaryData<streams.TombstoneResp>): void => {
    const target = targetOf(call.request.getOptions());
    if (target === undefined) respond(incomplete());
    else
      appender.remove(target, 'tombstone', (outcome) => {
        if (outcome.kind !== 'written') return respond(refusalOf(outcome, target));
        const response = new streams.TombstoneResp();
        if (outcome.position === undefined) response.setNoPosition(new shared.Empty());
        else response.setPosition(placeOf(new streams.TombstoneResp.Position(), outcome.position));
        respond(null, response);
      });
  };

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

const incomplete = (): CallError =>
  new CallError(status.INVALID_ARGUMENT, 'A removal names a stream and the revision that it expects.');

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
