// What all views share: the forms of a position token, an instant and a page of a list.

import { z } from 'zod';
import { instant } from '../domain/values.js';

/** A position token, `{logId}:{n}`. */
export const positionToken = z.string().regex(/^[a-z0-9]{4,16}:\d{1,19}$/);

/** Where in its stream and in the log the last event stands that a view shows. */
export const version = { revision: z.int().nonnegative(), position: positionToken };

/** When the first and the last event happened that a view shows. */
export const times = { createdAt: instant, updatedAt: instant };

/** Part of a list; `next` is where the part after it begins, `null` at the end. */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}

/** Makes a page of up to `limit` items out of `limit + 1` rows: the row too many says that there is more. */
export function pageOf<Row, Item, Cursor>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  cursorOf: (last: Row) => Cursor,
): Page<Item, Cursor> {
  const shown = rows.length > limit ? rows.slice(0, limit) : rows;
  const last = shown.at(-1);
  return { items: shown.map(itemOf), next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** An instant in the one form that is shown: UTC with milliseconds. */
export const inMilliseconds = (time: string | Date): string => (time instanceof Date ? time : new Date(time)).toISOString();

/** The id in a stream's name, `{category}-{id}`. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
