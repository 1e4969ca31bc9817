// The last step of every request: an answer or a problem onto the wire. Nothing of the inside goes out with an error that was not meant.

import type { ServerResponse } from 'node:http';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import { laterProblem, Problem, problemBody } from './problem.js';
import type { Answer } from './route.js';
import type { Log } from './services.js';

function send(
  response: ServerResponse,
  status: number,
  type: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  // A string goes out in one write with the headers, bytes would take a second one.
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

export const sendAnswer = (response: ServerResponse, { status, headers, body }: Answer): void =>
  send(response, status, 'application/json; charset=utf-8', headers, body);

/** What express and its router throw carries the status that it should have. */
const isUnreadableUrl = (error: unknown): boolean => error instanceof Error && 'status' in error && error.status === 400;

function problemOf(error: unknown, requestId: string, log: Log): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable || error instanceof OutcomeUnknown) {
    log.warn({ requestId, err: error }, 'A request could not be answered.');
    return laterProblem('dependency-unavailable', 'Something that this request needs is away: try again.');
  }
  if (isUnreadableUrl(error)) return new Problem('malformed-request', 'The address is not well-formed.');
  log.error({ requestId, err: error }, 'A request failed.');
  return new Problem('internal', 'Something is broken on our side. It was logged under this request id.');
}

/** Answers an error: as the problem that it is, else as 500, which is logged with the request's id. */
export function sendProblem(response: ServerResponse, error: unknown, requestId: string, log: Log): void {
  const problem = problemOf(error, requestId, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const headers = { 'Cache-Control': 'no-store', ...problem.headers };
  send(response, problem.status, 'application/problem+json; charset=utf-8', headers, problemBody(problem, requestId));
}
