// Answers to appends that are not the hot one: failures on the batch stream, and everything on the single call.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { field, number } from '../../protobuf.js';
import type { AppendOutcome } from './append-outcome.js';
import { MAX_APPEND_BYTES } from './appender.js';
import { accessDenied, appendTooLarge, missingProperty, streamDeleted } from './call-error.js';
import { CallError, type StatusCode, status } from './grpc/status.js';
import type { Expected, Target } from './proposal.js';

/** Access is denied before an append is looked at. */
type Failure = Exclude<AppendOutcome, { kind: 'written' }> | { readonly kind: 'access-denied' };

interface Detail {
  readonly code: StatusCode;
  readonly message: string;
  /** The message's name in the protocol, and its bytes. */
  readonly type: string;
  readonly bytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** `BatchAppendResp` of an append that was not done. */
export function batchFailure(correlation: Buffer, { name, stream, expected }: Target, failure: Failure): Buffer {
  const { code, message, type, bytes } = detailOf(failure, stream, expected);
  const detail = [field(0x0a, `type.googleapis.com/event_store.client.${type}`), field(0x12, bytes)];
  const error = [number(0x08, code), field(0x12, message), field(0x1a, Buffer.concat(detail))];
  return Buffer.concat([field(0x0a, correlation), field(0x12, Buffer.concat(error)), field(0x22, field(0x1a, name))]);
}

function detailOf(failure: Failure, stream: string, expected: Expected): Detail {
  const { code, message } = callErrorFor(failure, stream);
  switch (failure.kind) {
    case 'wrong-version': {
      const current = failure.current < 0 ? field(0x12, nothing) : number(0x08, failure.current);
      return { code, message, type: 'WrongExpectedVersion', bytes: Buffer.concat([current, expectedField(expected)]) };
    }
    case 'stream-deleted':
      return { code, message, type: 'StreamDeleted', bytes: field(0x0a, field(0x1a, stream)) };
    case 'too-large':
      return { code, message, type: 'MaximumAppendSizeExceeded', bytes: number(0x08, MAX_APPEND_BYTES) };
    case 'timeout':
      return { code, message, type: 'Timeout', bytes: nothing };
    case 'incomplete':
    case 'bad-request':
      return { code: status.INVALID_ARGUMENT, message, type: 'BadRequest', bytes: field(0x0a, message) };
    case 'access-denied':
      return { code, message, type: 'AccessDenied', bytes: nothing };
    case 'read-only':
    case 'unknown':
      return { code, message, type: 'Unknown', bytes: nothing };
  }
}

function expectedField(expected: Expected): Buffer {
  if (typeof expected === 'number') return number(0x18, expected);
  return field(expected === 'any' ? 0x22 : expected === 'exists' ? 0x2a : 0x32, nothing);
}

/** `AppendResp` where the protocol has one for this outcome; else the outcome, which then ends the call by an error. */
export function appendResponse(outcome: AppendOutcome, expected: Expected): streams.AppendResp | Failure {
  const response = new streams.AppendResp();
  if (outcome.kind === 'written') {
    const success = new streams.AppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    if (outcome.position === undefined) success.setNoPosition(new shared.Empty());
    else {
      const position = new streams.AppendResp.Position();
      position.setCommitPosition(String(outcome.position));
      position.setPreparePosition(String(outcome.position));
      success.setPosition(position);
    }
    response.setSuccess(success);
    return response;
  }
  if (outcome.kind !== 'wrong-version') return outcome;
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(outcome.current));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'exists') wrong.setExpectedStreamExists(new shared.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  response.setWrongExpectedVersion(wrong);
  return response;
}

/** The error that ends a single call. */
export function callErrorFor(failure: Failure, stream: string): CallError {
  switch (failure.kind) {
    case 'stream-deleted':
      return streamDeleted(stream);
    case 'access-denied':
      return accessDenied();
    case 'too-large':
      return appendTooLarge(MAX_APPEND_BYTES);
    case 'bad-request':
      return new CallError(status.UNKNOWN, failure.reason);
    case 'incomplete':
      return missingProperty(failure.property);
    case 'read-only':
      return new CallError(status.UNAVAILABLE, failure.reason);
    case 'timeout':
      return new CallError(status.DEADLINE_EXCEEDED, 'The deadline had passed before the append was looked at.');
    case 'wrong-version':
      return new CallError(status.FAILED_PRECONDITION, `The stream ${stream} is not at the expected revision.`);
    case 'unknown':
      return new CallError(status.UNKNOWN, failure.reason);
  }
}
