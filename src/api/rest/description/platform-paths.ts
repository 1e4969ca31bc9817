// The operations that no row of a route describes: health, the description of the API itself, and the pages for people.

import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemView } from '../problem.js';
import { problemCodes } from '../problem-codes.js';
import { type Carried, everywhere } from './headers.js';

/** A problem explained. */
export const problemKindView = z.object({
  code: z.enum(problemCodes),
  type: z.string(),
  status: z.int(),
  title: z.string(),
  /** What it means, and what to do. */
  meaning: z.string(),
  remedy: z.string(),
});
export type ProblemKindView = z.infer<typeof problemKindView>;

const readinessView = z.object({
  status: z.enum(['READY', 'NOT_READY']),
  checks: z.array(z.object({ name: z.string(), status: z.enum(['UP', 'DOWN']), detail: z.string().nullable() })),
});

/** The schemas of these operations that have a name. */
export const platformSchemas = { ProblemKind: problemKindView, Readiness: readinessView };

const page: Carried = {
  ...everywhere,
  'Content-Security-Policy': 'always',
  'X-Content-Type-Options': 'always',
  'Referrer-Policy': 'always',
};
const negotiated: Carried = {
  ...everywhere,
  'Content-Security-Policy': 'perhaps',
  'X-Content-Type-Options': 'perhaps',
  'Referrer-Policy': 'perhaps',
};
const outside = [{ url: '/', description: 'Beside the API, not below it.' }];
const html = { 'text/html': { schema: { type: 'string' as const } } };

const example = {
  code: 'stock-insufficient',
  type: 'urn:problem-type:panglot:stock-insufficient',
  status: 409,
  title: 'There is not enough stock',
  meaning: 'Fewer units are available in the warehouse than the movement would take.',
  remedy: 'Read the stock, and take no more than is available there.',
};

const allUp = { status: 'READY', checks: [{ name: 'database', status: 'UP', detail: null }] };
const databaseDown = {
  status: 'NOT_READY',
  checks: [{ name: 'database', status: 'DOWN', detail: 'It did not answer within 2 s.' }],
};

/** The operations; `headersOf` gives the form in which headers are described. */
export function platformPaths(headersOf: (carried: Carried) => NonNullable<ResponseConfig['headers']>): readonly RouteConfig[] {
  const problem = (description: string, code: string): ResponseConfig => ({
    description,
    headers: headersOf(everywhere),
    content: {
      'application/problem+json': { schema: problemView, examples: { [code]: { $ref: `#/components/examples/${code}` } } },
    },
  });
  const forbidden = problem('`forbidden`: This is not allowed.', 'forbidden');
  const notAcceptable = problem('`not-acceptable`: Nothing that is acceptable can be answered.', 'not-acceptable');
  const operation = (
    path: string,
    operationId: string,
    summary: string,
    responses: RouteConfig['responses'],
    more: Partial<RouteConfig> = {},
  ): RouteConfig => ({
    ...{ method: 'get', path, operationId, summary, tags: ['platform'] },
    responses: { ...responses, 403: forbidden },
    ...more,
  });
  const explained = (description: string, schema: z.ZodType, example: unknown): ResponseConfig => ({
    description,
    headers: headersOf(negotiated),
    content: { 'application/json': { schema, example }, ...html },
  });
  return [
    operation('/openapi.json', 'getOpenApi', 'Read this document', {
      200: {
        description: 'This document',
        headers: headersOf(everywhere),
        content: { 'application/json': { schema: { type: 'object' } } },
      },
    }),
    operation('/docs', 'getDocs', 'Browse this document, as a page', {
      200: { description: 'A page', headers: headersOf(page), content: html },
    }),
    operation('/problems', 'listProblems', 'List every problem, with what it means and what to do; as a page for browsers', {
      200: explained('All problems', z.object({ data: z.array(problemKindView) }), { data: [example] }),
      406: notAcceptable,
    }),
    operation(
      '/problems/{code}',
      'getProblem',
      'Read what a problem means and what to do; as a page for browsers',
      {
        200: explained('The problem', problemKindView, example),
        400: problem('`malformed-request`: The request cannot be read.', 'malformed-request'),
        404: problem('`not-found`: There is no such thing here.', 'not-found'),
        406: notAcceptable,
      },
      { request: { params: z.object({ code: z.string().meta({ description: 'A code, as in `stock-insufficient`.' }) }) } },
    ),
    operation(
      '/',
      'getStartPage',
      'The page that leads on',
      { 200: { description: 'A page', headers: headersOf(page), content: html } },
      { servers: outside },
    ),
    operation(
      '/livez',
      'getLiveness',
      'Whether the process lives',
      {
        200: {
          description: 'It lives',
          headers: headersOf(everywhere),
          content: { 'application/json': { schema: z.object({ status: z.literal('ALIVE') }), example: { status: 'ALIVE' } } },
        },
      },
      { servers: outside },
    ),
    operation(
      '/readyz',
      'getReadiness',
      'Whether everything is there that the platform needs',
      {
        200: {
          description: 'Everything is there',
          headers: headersOf(everywhere),
          content: { 'application/json': { schema: readinessView, example: allUp } },
        },
        503: {
          description: 'Something is away, or has stopped',
          headers: headersOf(everywhere),
          content: { 'application/json': { schema: readinessView, example: databaseDown } },
        },
      },
      { servers: outside },
    ),
  ];
}
