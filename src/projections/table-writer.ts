// Writes any number of rows of one table in one prepared statement: an array a column, taken apart by `unnest`; documents as one JSON
// array, so that their quotes need no escaping.

import type { Sql } from './sql.js';

/**
 * What becomes of a column when the row exists: it takes the new value, keeps the old one, keeps it only where the new one is null, or
 * adds the new one to it.
 */
export type Merge = 'replace' | 'keep' | 'keep-if-null' | 'add';

export interface Column<Item> {
  readonly name: string;
  /** PostgreSQL's name of its type. */
  readonly type: 'uuid' | 'text' | 'boolean' | 'integer' | 'bigint' | 'timestamptz' | 'json';
  /** A `json` column's value is JSON text, or null. */
  readonly value: (item: Item) => string | number | bigint | boolean | null;
  /** Default: `replace`. */
  readonly merge?: Merge;
}

export interface Table<Item> {
  readonly table: string;
  /** The primary key. No two items of one write may share it. */
  readonly key: readonly string[];
  readonly columns: readonly Column<Item>[];
}

function assignment(table: string, { name, merge = 'replace' }: Column<never>): string {
  switch (merge) {
    case 'keep-if-null':
      return `${name} = coalesce(excluded.${name}, ${table}.${name})`;
    case 'add':
      return `${name} = ${table}.${name} + excluded.${name}`;
    default:
      return `${name} = excluded.${name}`;
  }
}

function statementOf<Item>({ table, key, columns }: Table<Item>): string {
  const names = columns.map(({ name }) => name).join(', ');
  const sources = columns.map(({ type }, index) =>
    type === 'json' ? `json_array_elements($${index + 1}::json)` : `unnest($${index + 1}::${type}[])`,
  );
  // A document that is null arrives as JSON's null.
  const values = columns.map(({ name, type }) =>
    type === 'json' ? `CASE WHEN json_typeof(${name}) <> 'null' THEN ${name} END` : name,
  );
  const merged = columns.filter(({ name, merge }) => !key.includes(name) && merge !== 'keep');
  const update = merged.map((column) => assignment(table, column)).join(', ');
  return (
    `INSERT INTO ${table} (${names}) SELECT ${values.join(', ')} FROM ROWS FROM (${sources.join(', ')}) AS item (${names})` +
    (merged.length === 0 ? '' : ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${update}`)
  );
}

const special = /["\\]/;
const everySpecial = /["\\]/g;

/** An element of an array literal, as section 8.15.2 of PostgreSQL's manual has it. The driver's own way costs several times as much. */
function element(value: string | number | bigint | boolean | null): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return special.test(value) ? `"${value.replace(everySpecial, '\\$&')}"` : `"${value}"`;
}

function parameter<Item>({ type, value }: Column<Item>, items: readonly Item[]): string {
  const json = type === 'json';
  let list = '';
  for (const item of items) {
    if (list !== '') list += ',';
    const one = value(item);
    list += json ? (one ?? 'null') : element(one);
  }
  return json ? `[${list}]` : `{${list}}`;
}

/** A function that inserts rows, or merges them into those that exist. A table whose every column is kept is insert only. */
export function tableWriter<Item>(table: Table<Item>): (sql: Sql, items: readonly Item[]) => Promise<void> {
  const statement = { name: `${table.table}.write`, text: statementOf(table) };
  return async (sql, items) => {
    if (items.length === 0) return;
    await sql.query(
      statement,
      table.columns.map((column) => parameter(column, items)),
    );
  };
}
