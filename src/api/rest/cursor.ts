// Cursors: where a list goes on, as an opaque string that is bound to the list, its filter and its sorting.

import { hash } from 'node:crypto';
import { z } from 'zod';
import { Problem } from './problem.js';

const version = 2;

/** A filter may be long; a cursor is not. */
const seal = (list: string): string => hash('sha256', list, 'base64url').slice(0, 16);

/** Writes where the list named so, filtered and sorted so, goes on. */
export const writeCursor = (list: string, place: unknown): string =>
  Buffer.from(JSON.stringify([version, seal(list), place])).toString('base64url');

const invalid = () =>
  new Problem('cursor-invalid', 'The cursor does not belong to this list, filter and sorting: begin again without one.', {
    errors: [
      { in: 'query', parameter: 'cursor', code: 'cursor_invalid', detail: 'does not belong to this list, filter and sorting' },
    ],
  });

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
}

/** Reads a cursor of this list. @throws Problem 400 `cursor-invalid` */
export function readCursor<Place extends z.ZodType>(list: string, cursor: string, place: Place): z.output<Place> {
  const envelope = z.tuple([z.literal(version), z.literal(seal(list)), z.unknown()]).safeParse(parse(cursor));
  if (!envelope.success) throw invalid();
  const read = place.safeParse(envelope.data[2]);
  if (!read.success) throw invalid();
  return read.data;
}
