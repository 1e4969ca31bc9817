// Writes any number of rows of one table in one prepared statement: an array a column, taken apart by `unnest`.

import type { Sql } from './sql.js';

/**
 * What becomes of a column when the row exists: it takes the new value, keeps the old one, keeps it only where the new one is null, or
 * adds the new one to it.
 */
export type Merge = 'replace' | 'keep' | 'keep-if-null' | 'add';

export interface Column<Item> {
  readonly name: string;
  /** PostgreSQL's name of its type. */
  readonly type: string;
  readonly value: (item: Item) => unknown;
  /** Default: `replace`. */
  readonly merge?: Merge;
}

export interface TableWriter<Item> {
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

/** A function that inserts rows, or merges them into those that exist. A table whose every column is kept is insert only. */
export function tableWriter<Item>({ table, key, columns }: TableWriter<Item>): (sql: Sql, items: readonly Item[]) => Promise<void> {
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  const merged = columns.filter(({ name, merge }) => !key.includes(name) && merge !== 'keep');
  const conflict =
    merged.length === 0
      ? ''
      : ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${merged.map((column) => assignment(table, column)).join(', ')}`;
  const statement = { name: `${table}.write`, text: `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})${conflict}` };
  return async (sql, items) => {
    if (items.length === 0) return;
    await sql.query(
      statement,
      columns.map(({ value }) => items.map(value)),
    );
  };
}
