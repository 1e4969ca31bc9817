// Errors as the protocol carries them: a gRPC status and trailers, `exception` first, by which the client tells one kind from another.

import { CallError, status } from './grpc/status.js';
import type { Expected } from './proposal.js';

export const streamDeleted = (stream: string): CallError =>
  new CallError(status.FAILED_PRECONDITION, `The stream ${stream} is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

/** EventStoreDB's numbers for what is not a revision. */
const expectedNumbers = { any: -2, 'no-stream': -1, exists: -4 } as const;

/** Of a removal; an append has messages of its own for this. `current` is -1 where there is no stream. */
export const wrongExpectedVersion = (stream: string, expected: Expected, current: number): CallError =>
  new CallError(status.FAILED_PRECONDITION, `The stream ${stream} is not at the expected revision.`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(typeof expected === 'number' ? expected : expectedNumbers[expected]),
    'actual-version': String(current),
  });

export const accessDenied = (): CallError =>
  new CallError(status.PERMISSION_DENIED, 'This call needs credentials.', { exception: 'access-denied' });

export const unauthenticated = (): CallError =>
  new CallError(status.UNAUTHENTICATED, 'The user is not known, or the password is wrong.');

export const appendTooLarge = (limit: number): CallError =>
  new CallError(status.INVALID_ARGUMENT, `An append holds at most ${limit} bytes.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

/** The sentence names the one that is missing, the trailer all that an event needs. */
export const missingProperty = (property: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, `An event lacks the property ${property}.`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const unsupported = (what: string): CallError =>
  new CallError(status.UNIMPLEMENTED, `The embedded event node does not support ${what}; an EventStoreDB does.`);

export const closing = (): CallError => new CallError(status.UNAVAILABLE, 'The event node is shutting down.');
