// Problem details (RFC 9457): the one shape of everything that REST answers instead of what was asked for.

import { z } from 'zod';
import { positionToken } from '../../projections/shapes.js';
import { type ProblemCode, problemCodes, problemKinds } from './problem-codes.js';

/** One thing that is wrong with the request: a place in the body (a JSON pointer as a URI fragment), or a parameter by name. */
export const fieldError = z.object({
  pointer: z.string().optional(),
  parameter: z.string().optional(),
  in: z.enum(['path', 'query', 'header']).optional(),
  code: z.string(),
  detail: z.string(),
});
export type FieldError = z.infer<typeof fieldError>;

export const problemView = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.enum(problemCodes),
  errors: z.array(fieldError).optional(),
  /** With `read-model-behind`: what the read model has reached. */
  position: positionToken.optional(),
});
export type ProblemView = z.infer<typeof problemView>;

interface Particulars {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly position?: string;
  readonly cause?: unknown;
}

/** Ends a request with a problem. `detail` is a sentence for whoever wrote the request. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
  readonly position: string | undefined;

  constructor(code: ProblemCode, detail: string, { errors = [], headers = {}, position, cause }: Particulars = {}) {
    super(detail, { cause });
    this.name = 'Problem';
    this.code = code;
    this.errors = errors;
    this.headers = headers;
    this.position = position;
  }

  get status(): number {
    return problemKinds[this.code].status;
  }
}

/** A parameter is wrong: 400, and which one. */
export const parameterProblem = (
  place: 'path' | 'query' | 'header',
  parameter: string,
  detail: string,
  code: ProblemCode = 'parameter-invalid',
): Problem =>
  new Problem(code, `${parameter} ${detail}.`, { errors: [{ in: place, parameter, code: code.replaceAll('-', '_'), detail }] });

/** Not now, and when to come again, in seconds. */
export const laterProblem = (code: 'overloaded' | 'dependency-unavailable', detail: string, seconds = 1): Problem =>
  new Problem(code, detail, { headers: { 'Retry-After': String(seconds) } });

/** The problem as it is sent. */
export function problemBody(problem: Problem, requestId: string): ProblemView {
  const { title, status } = problemKinds[problem.code];
  return {
    type: `urn:problem-type:panglot:${problem.code}`,
    title,
    status,
    detail: problem.message,
    instance: `urn:uuid:${requestId}`,
    code: problem.code,
    ...(problem.errors.length === 0 ? {} : { errors: [...problem.errors] }),
    ...(problem.position === undefined ? {} : { position: problem.position }),
  };
}
