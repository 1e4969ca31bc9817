// Routes that ask a read model: positions, preconditions and "not found" are seen to here, the row brings the query.

import { z } from 'zod';
import type { Operation } from '../access/operations.js';
import type { Answer, Rendered } from './answer.js';
import { contentTag, noneMatch } from './entity-tags.js';
import { Problem } from './problem.js';
import type { ProblemCode } from './problem-codes.js';
import { awaitMinPosition, minPositionOf, patience, see, seeUpToDate } from './read-position.js';
import { type Exchange, type None, none, queryOf, type Route } from './route.js';
import { fieldsParameter, partOf } from './selection.js';
import { renderAnswer } from './sending.js';
import type { Services } from './services.js';
import { checked } from './validation.js';

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
  /** The answer's strong entity tag, where it derives from one stream alone; else the tag is made of the answer itself. */
  readonly etag?: (found: Found) => string;
}

const readHeaders = z.object({
  'If-None-Match': z.string().min(1).optional().meta({
    description: 'Tags of earlier answers: if the answer would be one of them again, it is 304 without a body.',
    example: '"7"',
  }),
  'Panglot-Min-Position': z.string().optional().meta({ description: 'Answer at this position of the log or after it.' }),
  Prefer: z.string().optional().meta({ description: '`wait=n`: how many seconds (0 to 30, default 2) to wait for that position.' }),
});
const minPosition = z.string().optional().meta({ description: 'The same as the header Panglot-Min-Position.' });

const readAnswer = (position: string): Record<string, string> => ({
  'Panglot-Position': position,
  'Cache-Control': 'private, no-cache',
});

/** A route that asks a read model. It answers 404 only when the read model has passed the log's head. */
export function read<Found, Shown extends z.ZodType, Params extends z.ZodObject = None, Query extends z.ZodObject = None>(
  row: ReadRow<Params, Query, Found, Shown>,
): Route {
  const params = row.params ?? none;
  const ownQuery = row.query ?? none;
  async function perform(exchange: Exchange, services: Services): Promise<Answer | Rendered> {
    const { minPosition: wanted, fields, ...given } = queryOf(exchange.query);
    const part = fields === undefined ? null : partOf(fields, row.answer);
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
    const unchanged = (etag: string): Answer | null => {
      headers.ETag = etag;
      const named = noneMatch(exchange.headers, etag);
      return named === null ? null : { status: 304, headers: { ...headers, ETag: named }, body: undefined };
    };
    const known = row.etag === undefined ? null : unchanged(row.etag(found));
    if (known !== null) return known;
    const shown = row.show(found, input, position);
    const rendered = renderAnswer({ status: 200, headers, body: part === null ? shown : part(shown) });
    if (row.etag !== undefined) return rendered;
    const etag = contentTag(rendered.text ?? '');
    return unchanged(etag) ?? { ...rendered, headers: { ...rendered.headers, ETag: etag } };
  }
  return {
    method: 'get',
    path: row.path,
    kind: 'read',
    operation: row.operation,
    summary: row.summary,
    params,
    query: ownQuery.extend({ fields: fieldsParameter(row.answer), minPosition }),
    headers: readHeaders,
    body: null,
    answer: row.answer,
    successes: { 200: 'Found', 304: 'Not changed since' },
    problems: [
      ...(row.params === undefined ? [] : (['not-found'] as const)),
      ...(row.problems ?? []),
      'position-invalid',
      'read-model-behind',
    ],
    perform,
  };
}
