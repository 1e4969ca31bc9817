// A list that is filtered, sorted and paged by its query parameters: the row says which there are, everything else is made of that.

import { z } from 'zod';
import type { ColumnType, Comparison, List, ListRequest } from '../../../projections/listing.js';
import type { Operation } from '../../access/operations.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { listOf, listQuery, placeIn, showPage } from './lists.js';

/** A filter that takes several values, parted by commas: one of them. */
export const anyOf = (value: z.ZodType<string, string>, description: string, example: string) =>
  z
    .string()
    .transform((given) => given.split(','))
    .pipe(z.array(value).max(100))
    .meta({ type: 'string', description: `${description}; of several, parted by commas, one.`, example });

/** A filter that takes one value, commas and all. */
export const exactly = (value: z.ZodType<string, string>, description: string, example: string) =>
  value.transform((given) => [given]).meta({ type: 'string', description, example });

const integer = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a whole number of at most 16 digits')
  .meta({ type: 'string', pattern: '^\\d{1,16}$' });

/** What a sort column's values look like in a query and in a cursor. */
const forms: Readonly<Record<ColumnType, z.ZodType<string, string>>> = {
  timestamptz: fields.instant,
  bigint: integer,
  text: fields.text(200),
  uuid: fields.uuid,
};

const examples: Readonly<Record<ColumnType, string>> = {
  timestamptz: '2026-05-04T00:00:00Z',
  bigint: '1000',
  text: 'A',
  uuid: '0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5',
};

const comparisons: Readonly<Record<Comparison, string>> = {
  gte: 'at or after',
  gt: 'after',
  lte: 'up to',
  lt: 'before',
};

interface ListRow<Item, Sort extends string, Filter extends string> {
  readonly path: string;
  readonly operation: Operation;
  readonly summary: string;
  readonly model: string;
  readonly item: z.ZodType<Item>;
  readonly list: List<Item, Sort, Filter>;
  /** With a minus for the other way round; the first is the default. */
  readonly sorts: readonly [NoInfer<Sort | `-${Sort}`>, ...NoInfer<Sort | `-${Sort}`>[]];
  readonly filters: Readonly<Record<Filter, z.ZodType<readonly string[], string>>>;
  /** The sort columns that can be held between bounds. */
  readonly ranges?: readonly NoInfer<Sort>[];
}

/** A route that lists what a read model has. */
export function listRoute<Item, Sort extends string, Filter extends string>(row: ListRow<Item, Sort, Filter>): Route {
  const { path, list, ranges = [] } = row;
  const sorts: readonly [string, ...string[]] = row.sorts;
  const bounds = ranges.flatMap((by) => (Object.keys(comparisons) as Comparison[]).map((is) => ({ by, is, name: `${by}[${is}]` })));
  const query = z.strictObject({
    ...listQuery,
    sort: z.enum(sorts).default(sorts[0]).meta({
      description: 'What the list is sorted by, with a minus the other way round; the id breaks ties.',
      example: sorts[0],
    }),
    ...Object.fromEntries(Object.entries<z.ZodType>(row.filters).map(([name, filter]) => [name, filter.optional()])),
    ...Object.fromEntries(
      bounds.map(({ by, is, name }) => [
        name,
        forms[list.sorts[by].type].optional().meta({
          description: `Only where ${by} is ${comparisons[is]} this.`,
          example: examples[list.sorts[by].type],
        }),
      ]),
    ),
  });

  /** What is asked for, and the list's name, which tells its filter and its sorting too. */
  function asked(given: z.output<typeof query>): { readonly request: ListRequest<Sort, Filter>; readonly name: string } {
    const parameters: Readonly<Record<string, unknown>> = given;
    const { limit, sort } = given;
    const descending = sort.startsWith('-');
    const by = sort.slice(descending ? 1 : 0) as Sort;
    const filters: Partial<Record<Filter, readonly string[]>> = {};
    for (const filter of Object.keys(row.filters) as Filter[])
      if (parameters[filter] !== undefined) filters[filter] = parameters[filter] as readonly string[];
    const held = bounds.flatMap(({ by, is, name }) =>
      parameters[name] === undefined ? [] : [{ by, is, value: String(parameters[name]) }],
    );
    const name = `${path} ${JSON.stringify([sort, filters, held])}`;
    const place = z.object({ at: forms[list.sorts[by].type], id: forms[list.id.type] });
    return {
      request: { limit, sort: { by, descending }, cursor: placeIn(name, given.cursor, place), filters, ranges: held },
      name,
    };
  }

  return read({
    path,
    operation: row.operation,
    summary: row.summary,
    model: row.model,
    query,
    answer: listOf(row.item),
    problems: ['cursor-invalid'],
    find: async ({ query }, { sql }) => {
      const { request, name } = asked(query);
      return { page: await list.page(sql, request), name };
    },
    show: ({ page, name }, { query }, position) => showPage(name, page, query.limit, position),
  });
}
