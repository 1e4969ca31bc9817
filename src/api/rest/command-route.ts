// Routes that send a command: the body, the room there is for commands, and the wait for what follows are seen to here, the row brings
// the command.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Operation } from '../access/operations.js';
import { preferredWait, refusePromises } from './headers.js';
import { Problem } from './problem.js';
import type { ProblemCode } from './problem-codes.js';
import { type Answer, type Exchange, type None, none, queryOf, type Route } from './route.js';
import type { Services } from './services.js';
import { checked } from './validation.js';

export interface CommandInput<Params, Body> {
  readonly params: Params;
  readonly body: Body;
  /** Seconds to wait for what follows; `null` if the caller does not want to. */
  readonly wait: number | null;
  readonly requestId: string;
  readonly principal: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a command did: the changed resource, and the position token of the last event that it shows. */
export interface Written<Body> {
  readonly status: 200 | 201;
  readonly body: Body;
  readonly position: string;
  readonly location?: string;
  readonly etag?: string;
}

interface CommandRow<Params extends z.ZodObject, Body extends z.ZodType, Shown extends z.ZodType> {
  readonly method?: 'post' | 'put';
  readonly path: string;
  readonly operation: Operation;
  readonly summary: string;
  readonly params?: Params;
  readonly body: Body;
  /** Whether an empty body stands for `{}`. */
  readonly bodyOptional?: boolean;
  readonly answer: Shown;
  readonly successes: Readonly<Record<number, string>>;
  readonly refusals: readonly ProblemCode[];
  /** One command. @throws Problem */
  readonly execute: (
    input: CommandInput<z.output<Params>, z.output<Body>>,
    services: Services,
  ) => Promise<Written<z.output<Shown>>>;
  /** With `Prefer: wait=n`: the answer once what follows has happened. Waiting takes no room from commands. */
  readonly settle?: (written: Written<z.output<Shown>>, wait: number, services: Services) => Promise<Written<z.output<Shown>>>;
}

const commandHeaders = z.object({ traceparent: z.string().optional().meta({ description: 'W3C Trace Context.' }) });
const settlingHeaders = commandHeaders.extend({
  Prefer: z.string().optional().meta({ description: '`wait=n`: answer when the order is settled, or after n seconds (0 to 30).' }),
});

function writtenAnswer<Body>(written: Written<Body>, waited: number | null): Answer {
  const { status, body, position, location, etag } = written;
  return {
    status,
    headers: {
      'Panglot-Position': position,
      'Cache-Control': 'no-store',
      ...(location === undefined ? {} : { Location: location }),
      ...(etag === undefined ? {} : { ETag: etag }),
      ...(waited === null ? {} : { 'Preference-Applied': `wait=${waited}` }),
    },
    body,
  };
}

/** A route that sends one command, within the room that there is for commands. */
export function command<Body extends z.ZodType, Shown extends z.ZodType, Params extends z.ZodObject = None>(
  row: CommandRow<Params, Body, Shown>,
): Route {
  const { bodyOptional = false, settle } = row;
  const params = row.params ?? none;
  async function perform(exchange: Exchange, services: Services): Promise<Answer> {
    const { headers, requestId, principal } = exchange;
    refusePromises(headers);
    checked(none, queryOf(exchange.query), 'query');
    const wait = settle === undefined ? null : preferredWait(headers);
    const given = await exchange.body();
    if (given === undefined && !bodyOptional) throw new Problem('malformed-request', 'This request needs a body of JSON.');
    const input = {
      // The default above is what the type parameter defaults to.
      params: checked(params, exchange.params, 'path') as z.output<Params>,
      body: checked(row.body, given ?? {}, 'body'),
      wait,
      requestId,
      principal,
      headers,
    };
    const written = await services.commandsInFlight.run(() => row.execute(input, services));
    if (settle === undefined || wait === null) return writtenAnswer(written, null);
    return writtenAnswer(await settle(written, wait, services), wait);
  }
  return {
    method: row.method ?? 'post',
    path: row.path,
    kind: 'command',
    operation: row.operation,
    summary: row.summary,
    params,
    query: none,
    headers: settle === undefined ? commandHeaders : settlingHeaders,
    body: { schema: row.body, required: !bodyOptional },
    answer: row.answer,
    successes: row.successes,
    problems: [
      'malformed-request',
      'validation-failed',
      'body-too-large',
      'media-type-unsupported',
      ...row.refusals,
      'overloaded',
      'dependency-unavailable',
    ],
    perform,
  };
}
