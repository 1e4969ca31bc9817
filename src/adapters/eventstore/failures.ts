// What the store's errors mean to the platform: try again later, nobody knows, or never.

import { AccessDeniedError, convertToCommandError, StreamDeletedError } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { type InfrastructureError, OutcomeUnknown, Rejected, Unavailable } from '../../domain/log/errors.js';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isUnimplemented = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === status.UNIMPLEMENTED;

/** Whether a read broke because its stream was deleted for good. */
export const isStreamDeleted = (error: unknown): boolean =>
  error instanceof Error && convertToCommandError(error) instanceof StreamDeletedError;

/** What a broken read is. `doing` completes the sentence "... could not be ...". */
export function readFailure(what: string, error: unknown): InfrastructureError {
  const message = `${what} could not be read: ${messageOf(error)}.`;
  const denied = error instanceof Error && convertToCommandError(error) instanceof AccessDeniedError;
  return denied || isUnimplemented(error) ? new Rejected(message, { cause: error }) : new Unavailable(message, { cause: error });
}

const finalReasons: ReadonlyMap<string, string> = new Map([
  ['StreamDeleted', 'the stream was deleted for good'],
  ['AccessDenied', 'access to it was denied'],
  ['MaximumAppendSizeExceeded', 'it is larger than the event store allows'],
  ['BadRequest', 'the event store did not understand it'],
]);

/** What an append is that the store answered with an error other than a wrong revision. `reason` is the name of the answer's detail. */
export function appendFailure(stream: string, reason: string, message: string): InfrastructureError {
  const final = finalReasons.get(reason);
  const said = message === '' ? '' : ` (${message})`;
  if (final !== undefined) return new Rejected(`Nothing was appended to ${stream}: ${final}${said}.`);
  return new OutcomeUnknown(`Whether the append to ${stream} was written is not known: the event store answered ${reason}${said}.`);
}
