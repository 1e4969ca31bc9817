// Lists of rows, a page at a time: filtered, sorted by a column and then by the id, and gone on with from the last row of the page before,
// which stays right whatever is inserted meanwhile. Which columns those may be, each list says; for each there is an index.

import { type Page, pageOf } from './shapes.js';
import type { Sql } from './sql.js';

export type ColumnType = 'uuid' | 'text' | 'timestamptz' | 'bigint';

/** A column that never changes in a row: else a row might be passed over while it moves. */
interface SortColumn<Row> {
  readonly column: string;
  readonly type: ColumnType;
  readonly value: (row: Row) => string;
}

interface FilterColumn<Sort> {
  readonly column: string;
  readonly type: ColumnType;
  /** The order in which an index has the rows of each value: of several values a page is then put together from a page of each. */
  readonly sorted?: Sort;
}

export interface Listing<Row, Item, Sort extends string, Filter extends string> {
  /** Without conditions. */
  readonly select: string;
  readonly id: SortColumn<Row>;
  readonly sorts: Readonly<Record<Sort, SortColumn<Row>>>;
  readonly filters: Readonly<Record<Filter, FilterColumn<NoInfer<Sort>>>>;
  readonly itemOf: (row: Row, logId: string) => Item;
}

/** Where a page ended. */
export interface Place {
  /** The value that the list is sorted by. */
  readonly at: string;
  readonly id: string;
}

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';
const operators: Readonly<Record<Comparison, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

export interface ListRequest<Sort extends string, Filter extends string> {
  /** At least 1. */
  readonly limit: number;
  readonly sort: { readonly by: Sort; readonly descending: boolean };
  /** Exclusive; without it from the first on. */
  readonly cursor?: Place | null;
  /** Each column one of these values. */
  readonly filters?: Readonly<Partial<Record<Filter, readonly string[]>>>;
  readonly ranges?: readonly { readonly by: Sort; readonly is: Comparison; readonly value: string }[];
}

export interface List<Item, Sort extends string, Filter extends string> {
  readonly id: Pick<SortColumn<never>, 'type'>;
  readonly sorts: Readonly<Record<Sort, Pick<SortColumn<never>, 'type'>>>;
  /** One page. @throws Unavailable */
  page(sql: Sql, request: ListRequest<Sort, Filter>): Promise<Page<Item, Place>>;
}

/** The statement of a page, with one row more than the page has. */
function statementOf<Row, Sort extends string, Filter extends string>(
  { select, id, sorts, filters: columns }: Omit<Listing<Row, never, Sort, Filter>, 'itemOf'>,
  { limit, sort, cursor, filters, ranges = [] }: ListRequest<Sort, Filter>,
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
  const by = sorts[sort.by];
  const keys = by.column === id.column ? [id] : [by, id];
  const order = `ORDER BY ${keys.map(({ column }) => `${column}${sort.descending ? ' DESC' : ''}`).join(', ')}`;
  const conditions: string[] = [];
  let parts: { readonly column: string; readonly type: ColumnType; readonly wanted: readonly string[] } | null = null;
  for (const [name, { column, type, sorted }] of Object.entries<FilterColumn<Sort>>(columns)) {
    const given = filters?.[name as Filter];
    if (given === undefined) continue;
    const wanted = [...new Set(given)];
    if (wanted.length === 1) conditions.push(`${column} = ${parameter(wanted[0], type)}`);
    else if (sorted === sort.by && parts === null) parts = { column, type, wanted };
    else conditions.push(`${column} = ANY (${parameter(wanted, `${type}[]`)})`);
  }
  for (const { by, is, value } of ranges)
    conditions.push(`${sorts[by].column} ${operators[is]} ${parameter(value, sorts[by].type)}`);
  if (cursor) {
    const place = keys.map((key) => parameter(key === id ? cursor.id : cursor.at, key.type));
    conditions.push(`(${keys.map(({ column }) => column).join(', ')}) ${sort.descending ? '<' : '>'} (${place.join(', ')})`);
  }
  const rows = `LIMIT ${parameter(limit + 1, 'integer')}`;
  const where = (all: readonly string[]) => (all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`);
  if (parts === null) return { text: `${select} ${where(conditions)} ${order} ${rows}`, values };
  // The first of each value, each from the index, and of those the first: an index has no order over several values.
  const { column, type, wanted } = parts;
  return {
    text: `SELECT part.* FROM unnest(${parameter(wanted, `${type}[]`)}) AS wanted (one) CROSS JOIN LATERAL (
        ${select} ${where([`${column} = wanted.one`, ...conditions])} ${order} ${rows}
      ) AS part ${order} ${rows}`,
    values,
  };
}

/** A list that is described so. */
export function listOf<Row, Item, Sort extends string, Filter extends string>(
  listing: Listing<Row, Item, Sort, Filter>,
): List<Item, Sort, Filter> {
  const { id, sorts, itemOf } = listing;
  return {
    id,
    sorts,
    page: async (sql, request) => {
      const { text, values } = statementOf(listing, request);
      const { rows } = await sql.query<Row>(text, values);
      return pageOf(
        rows,
        request.limit,
        (row) => itemOf(row, sql.logId),
        (last) => ({ at: sorts[request.sort.by].value(last), id: id.value(last) }),
      );
    },
  };
}
