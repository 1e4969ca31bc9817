// What lists share: their query parameters, and the shape of a page.

import { z } from 'zod';
import { logPosition } from '../../../domain/values.js';
import { type Page, positionToken } from '../../../projections/shapes.js';
import { readCursor, writeCursor } from '../cursor.js';
import { limit } from '../fields.js';

export const listQuery = {
  limit: limit.meta({ description: 'The most entries of a page.' }),
  cursor: z.string().max(1000).optional().meta({ description: '`page.next` of the page before.' }),
};

/** A position in a cursor. No log is longer: a larger number is one that the database does not take. */
export const cursorPosition = logPosition.refine((digits) => BigInt(digits) < 2n ** 63n);

/** The shape of a page of such items. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    page: z.object({ limit: z.int(), next: z.string().nullable() }),
    position: positionToken,
  });

/** Where the list goes on; the list's name tells its filter too. @throws Problem 400 `cursor-invalid` */
export const placeIn = <Place extends z.ZodType>(list: string, cursor: string | undefined, place: Place): z.output<Place> | null =>
  cursor === undefined ? null : readCursor(list, cursor, place);

/** The body that shows a page. */
export const showPage = <Item, Cursor>(list: string, page: Page<Item, Cursor>, limit: number, position: string) => ({
  data: [...page.items],
  page: { limit, next: page.next === null ? null : writeCursor(list, page.next) },
  position,
});
