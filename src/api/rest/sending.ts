// The last step of every request: an answer or a problem onto the wire. Nothing of the inside goes out with an error that was not meant.

import type { ServerResponse } from 'node:http';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { Answer, Rendered } from './answer.js';
import { type Coding, codingFor, encoded } from './compression.js';
import { codedTag } from './entity-tags.js';
import type { Log } from './log.js';
import { laterProblem, Problem, problemBody } from './problem.js';

/** An answer as it goes out. */
export const renderAnswer = ({ status, headers, body }: Answer): Rendered =>
  body === undefined
    ? { status, headers, text: null }
    : { status, headers: { ...headers, 'Content-Type': 'application/json; charset=utf-8' }, text: JSON.stringify(body) };

/** A problem as it goes out. */
export const renderProblem = (problem: Problem, requestId: string): Rendered => ({
  status: problem.status,
  headers: { 'Cache-Control': 'no-store', ...problem.headers, 'Content-Type': 'application/problem+json; charset=utf-8' },
  text: JSON.stringify(problemBody(problem, requestId)),
});

async function sendEncoded(response: ServerResponse, { status, headers, text }: Rendered, coding: Coding): Promise<void> {
  const bytes = await encoded(text ?? '', coding);
  const { ETag: tag } = headers;
  response.writeHead(status, {
    ...headers,
    ...(tag === undefined ? {} : { ETag: codedTag(tag, coding) }),
    'Content-Encoding': coding,
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

function send(response: ServerResponse, rendered: Rendered): void {
  const { status, headers, text } = rendered;
  const coding = text === null ? null : codingFor(response.req.headers['accept-encoding'], text.length);
  if (coding !== null) sendEncoded(response, rendered, coding).catch(() => response.destroy());
  else if (text === null) response.writeHead(status, headers).end();
  // A string goes out in one write with the headers, bytes would take a second one.
  else response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

/** Sends an answer, compressed if that is worth it and the client takes it. */
export const sendAnswer = (response: ServerResponse, answer: Answer | Rendered): void =>
  send(response, 'text' in answer ? answer : renderAnswer(answer));

/** What express and its router throw carries the status that it should have. */
const isUnreadableUrl = (error: unknown): boolean => error instanceof Error && 'status' in error && error.status === 400;

function problemOf(error: unknown, requestId: string, log: Log): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable || error instanceof OutcomeUnknown) {
    log.warn({ requestId, err: error }, 'A request could not be answered.');
    return laterProblem('dependency-unavailable', 'Something that this request needs is away: try again.');
  }
  if (isUnreadableUrl(error))
    return new Problem(
      'malformed-request',
      'The address is not well-formed: a % in it is not followed by what makes it a character.',
      {
        errors: [{ in: 'path', parameter: 'path', code: 'malformed_path', detail: 'cannot be decoded' }],
      },
    );
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
  send(response, renderProblem(problem, requestId));
}
