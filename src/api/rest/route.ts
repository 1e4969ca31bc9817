// What a route is: a row of facts, and a handler of a few lines. Everything that routes share (validation, positions, preconditions,
// problems, the OpenAPI document) is made from the row, by read-route.ts and command-route.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Operation } from '../access/operations.js';
import type { Answer, Rendered } from './answer.js';
import { parameterProblem } from './problem.js';
import type { ProblemCode } from './problem-codes.js';
import type { Services } from './services.js';

/** A request, before anything is known of its route. */
export interface Exchange {
  readonly params: Readonly<Record<string, unknown>>;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The body's JSON; `undefined` without one. @throws Problem */
  readonly body: () => Promise<unknown>;
  /** A UUIDv7: the answer's Request-Id, and the id of the command that the request becomes, unless an earlier request began it. */
  readonly requestId: string;
  readonly principal: string;
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
  readonly perform: (exchange: Exchange, services: Services) => Promise<Answer | Rendered>;
}

/** Whether a request of this route may carry an Idempotency-Key: any POST may; PUT is idempotent by itself, and a read all the more. */
export const takesKey = ({ method }: Pick<Route, 'method'>): boolean => method === 'post';

/** For a row that has no parameters of a kind. */
export const none = z.strictObject({});
export type None = typeof none;

/** The parameters of a query string, each given once. @throws Problem */
export function queryOf(text: string): Record<string, string> {
  const given: Record<string, string> = Object.create(null);
  if (text === '') return given;
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(given, name)) throw parameterProblem('query', name.slice(0, 100), 'is given more than once');
    given[name] = value;
  }
  return given;
}
