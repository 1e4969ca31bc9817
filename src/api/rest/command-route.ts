// Routes that send a command: the body, the Idempotency-Key, the room there is for commands, and the wait for what follows are seen to
// here, the row brings the command.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { AllowedRevisions } from '../../commands/command.js';
import type { Operation } from '../access/operations.js';
import type { Answer, Rendered } from './answer.js';
import { type CommandIds, commandIds } from './command-ids.js';
import { type Conditions, expectedRevision } from './entity-tags.js';
import { idempotencyKey, preferredWait, refuseIdempotencyKey } from './headers.js';
import { requestHash } from './idempotency.js';
import { Problem } from './problem.js';
import type { ProblemCode } from './problem-codes.js';
import { type Exchange, type None, none, queryOf, type Route, takesKey } from './route.js';
import type { Services } from './services.js';
import { checked } from './validation.js';

/** A command as it came in, with the ids that it and all that it makes have to have: a run that makes up others is another command. */
export interface CommandInput<Params, Body> extends CommandIds {
  readonly params: Params;
  readonly body: Body;
  /** Seconds to wait for what follows; `null` if the caller does not want to. */
  readonly wait: number | null;
  readonly principal: string;
  readonly headers: IncomingHttpHeaders;
  /** The revisions that the command may be decided at; `undefined` for any. */
  readonly expected: AllowedRevisions | undefined;
}

/** What a command did: the changed resource, and the position token of the last event that it shows. */
export interface Written<Body> {
  /** 202: it is granted, and what it leads to is under way. */
  readonly status: 200 | 201 | 202;
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
  /** The preconditions that it can be bound to. Default: none. */
  readonly conditions?: Conditions;
  /** One command. @throws Problem */
  readonly execute: (
    input: CommandInput<z.output<Params>, z.output<Body>>,
    services: Services,
  ) => Promise<Written<z.output<Shown>>>;
  /** With `Prefer: wait=n`: the answer once what follows has happened. Waiting takes no room from commands. */
  readonly settle?: (written: Written<z.output<Shown>>, wait: number, services: Services) => Promise<Written<z.output<Shown>>>;
}

const commandHeaders = z.object({ traceparent: z.string().optional().meta({ description: 'W3C Trace Context.' }) });
const keyHeader = {
  'Idempotency-Key': z.string().min(1).optional().meta({
    description:
      "The caller's own word for this request, quoted or bare, of 1 to 255 printable characters. Sent again, the same request under it gets the same answer, with `Idempotency-Replayed`.",
  }),
};
const matchHeader = {
  'If-Match': z.string().min(1).optional().meta({
    description: 'The tag of the revision that the command is meant for, as a read answered it: at any other nothing is done.',
    example: '"7"',
  }),
};
const noneMatchHeader = {
  'If-None-Match': z.literal('*').optional().meta({ description: 'Only if there is none yet.', example: '*' }),
};
const settlingHeader = {
  Prefer: z.string().optional().meta({ description: '`wait=n`: answer when the order is settled, or after n seconds (0 to 30).' }),
};

/** The path that was asked for, whatever its parameters are called. */
const pathOf = (path: string, params: Exchange['params']): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));

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
  const { method = 'post', bodyOptional = false, conditions = 'none', settle } = row;
  const params = row.params ?? none;
  const keyed = takesKey({ method });
  async function perform(exchange: Exchange, services: Services): Promise<Answer | Rendered> {
    const { headers, requestId: runId, principal } = exchange;
    if (!keyed) refuseIdempotencyKey(headers);
    const key = idempotencyKey(headers);
    checked(none, queryOf(exchange.query), 'query');
    const expected = expectedRevision(headers, conditions);
    const wait = settle === undefined ? null : preferredWait(headers);
    const given = await exchange.body();
    if (given === undefined && !bodyOptional)
      throw new Problem('malformed-request', 'This request needs a body of JSON.', {
        errors: [{ pointer: '#', code: 'required', detail: 'is required' }],
      });
    const request = {
      // The default above is what the type parameter defaults to.
      params: checked(params, exchange.params, 'path') as z.output<Params>,
      body: checked(row.body, given ?? {}, 'body'),
      wait,
      principal,
      headers,
      expected,
    };
    const run = async (ids: CommandIds): Promise<Answer> => {
      const written = await services.commandsInFlight.run(() => row.execute({ ...request, ...ids }, services));
      if (settle === undefined || wait === null) return writtenAnswer(written, null);
      return writtenAnswer(await settle(written, wait, services), wait);
    };
    if (key === null) return run(commandIds(runId, runId));
    const hash = requestHash(method, pathOf(row.path, exchange.params), given ?? {}, headers['if-match']);
    return services.answerOnce({ principal, key, requestHash: hash, runId }, run);
  }
  return {
    method,
    path: row.path,
    kind: 'command',
    operation: row.operation,
    summary: row.summary,
    params,
    query: none,
    headers: commandHeaders.extend({
      ...(keyed ? keyHeader : {}),
      ...(conditions === 'none' ? {} : matchHeader),
      ...(conditions === 'revision or none' ? noneMatchHeader : {}),
      ...(settle === undefined ? {} : settlingHeader),
    }),
    body: { schema: row.body, required: !bodyOptional },
    answer: row.answer,
    successes: row.successes,
    problems: [
      'malformed-request',
      'validation-failed',
      'body-too-large',
      'media-type-unsupported',
      ...row.refusals,
      ...(conditions === 'none' ? [] : (['revision-mismatch'] as const)),
      ...(keyed ? (['idempotency-key-in-use', 'idempotency-key-reused'] as const) : []),
      'overloaded',
      'dependency-unavailable',
    ],
    perform,
  };
}
