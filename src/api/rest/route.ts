// What a route is: a row of facts, and a handler of a few lines. Everything that routes share (validation, positions, preconditions,
// problems, the OpenAPI document) is made from the row.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Operation } from '../access/operations.js';
import { noneMatch, preferredWait, refusePromises } from './headers.js';
import { Problem, parameterProblem } from './problem.js';
import type { ProblemCode } from './problem-codes.js';
import { awaitMinPosition, minPositionOf, patience, see, seeUpToDate } from './read-position.js';
import type { Services } from './services.js';
import { checked } from './validation.js';

/** A request, before anything is known of its route. */
export interface Exchange {
  readonly params: Readonly<Record<string, unknown>>;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The body's JSON; `undefined` without one. @throws Problem */
  readonly body: () => Promise<unknown>;
  /** A UUIDv7: the answer's Request-Id, and the id of the command that the request becomes. */
  readonly requestId: string;
  readonly principal: string;
}

/** What is sent back; a body of `undefined` is none. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A route as the machinery sees it: the types of its parts are known inside `perform` only. */
export interface Route {
  readonly method: 'get' | 'post' | 'put';
  /** Below /api/v1, with parameters in braces. */
  readonly path: string;
  readonly kind: 'read' | 'command';
  readonly operation: Operation;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  readonly body: { readonly schema: z.ZodType; readonly required: boolean } | null;
  readonly answer: z.ZodType;
  /** Status and what it means. */
  readonly successes: Readonly<Record<number, string>>;
  /** What it may answer beside what every route may. */
  readonly problems: readonly ProblemCode[];
  readonly perform: (exchange: Exchange, services: Services) => Promise<Answer>;
}

const none = z.strictObject({});
type None = typeof none;

/** The parameters of a query string, each given once. */
function queryOf(text: string): Record<string, string> {
  const given: Record<string, string> = Object.create(null);
  if (text === '') return given;
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(given, name)) throw parameterProblem('query', name.slice(0, 100), 'is given more than once');
    given[name] = value;
  }
  return given;
}

// ── Reads ───────────────────────────────────────────────────────────────────────────────────────

interface ReadInput<Params, Query> {
  readonly params: Params;
  readonly query: Query;
}

interface ReadRow<Params extends z.ZodObject, Query extends z.ZodObject, Found, Shown extends z.ZodType> {
  readonly path: string;
  readonly operation: Operation;
  readonly summary: string;
  /** The read model that is asked. */
  readonly model: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly answer: Shown;
  readonly problems?: readonly ProblemCode[];
  /** One query; `null` if there is no such thing. */
  readonly find: (input: ReadInput<z.output<Params>, z.output<Query>>, services: Services) => Promise<Found | null>;
  /** The answer's body, from what was found and the position that it certainly shows. */
  readonly show: (found: Found, input: ReadInput<z.output<Params>, z.output<Query>>, position: string) => z.output<Shown>;
  /** The answer's strong entity tag. */
  readonly etag?: (found: Found) => string;
}

const readHeaders = z.object({
  'Panglot-Min-Position': z.string().optional().meta({ description: 'Answer at this position of the log or after it.' }),
  Prefer: z.string().optional().meta({ description: '`wait=n`: how many seconds (0 to 30, default 2) to wait for that position.' }),
});
const minPosition = z.string().optional().meta({ description: 'The same as the header Panglot-Min-Position.' });

const readAnswer = (position: string): Record<string, string> => ({
  'Panglot-Position': position,
  'Cache-Control': 'private, no-cache',
  Vary: 'Accept, Authorization',
});

/** A route that asks a read model. It answers 404 only when the read model has passed the log's head. */
export function read<Found, Shown extends z.ZodType, Params extends z.ZodObject = None, Query extends z.ZodObject = None>(
  row: ReadRow<Params, Query, Found, Shown>,
): Route {
  const params = row.params ?? none;
  const ownQuery = row.query ?? none;
  const ownParams = new Set(Object.keys(ownQuery.shape));
  async function perform(exchange: Exchange, services: Services): Promise<Answer> {
    const { minPosition: wanted, ...given } = queryOf(exchange.query);
    // The defaults above are what the type parameters default to.
    const input = {
      params: checked(params, exchange.params, 'path') as z.output<Params>,
      query: checked(ownQuery, given, 'query') as z.output<Query>,
    };
    const timeout = patience(exchange.headers, services);
    const min = minPositionOf(exchange.headers, wanted);
    if (min !== null) await awaitMinPosition(services, row.model, min, timeout);
    const query = () => services.queriesInFlight.run(() => row.find(input, services));
    let seen = await see(services, row.model, query);
    if (seen.found === null) seen = await seeUpToDate(services, row.model, seen, query, timeout);
    const { found, position } = seen;
    if (found === null) throw new Problem('not-found', 'There is no such thing here.', { headers: readAnswer(position) });
    const headers = readAnswer(position);
    const etag = row.etag?.(found);
    if (etag !== undefined) headers.ETag = etag;
    if (etag !== undefined && noneMatch(exchange.headers, etag)) return { status: 304, headers, body: undefined };
    return { status: 200, headers, body: row.show(found, input, position) };
  }
  return {
    method: 'get',
    path: row.path,
    kind: 'read',
    operation: row.operation,
    summary: row.summary,
    params,
    query: ownParams.size === 0 ? z.strictObject({ minPosition }) : ownQuery.extend({ minPosition }),
    headers: readHeaders,
    body: null,
    answer: row.answer,
    successes: row.etag === undefined ? { 200: 'Found' } : { 200: 'Found', 304: 'Not changed since' },
    problems: [
      ...(row.params === undefined ? [] : (['not-found'] as const)),
      ...(row.problems ?? []),
      'position-invalid',
      'read-model-behind',
    ],
    perform,
  };
}

// ── Commands ────────────────────────────────────────────────────────────────────────────────────

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
