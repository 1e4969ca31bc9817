// Cursors: where a list goes on, as an opaque string that is bound to the list and to its filter.

import { z } from 'zod';
import { Problem } from './problem.js';

const version = 1;

/** Writes where the list named so, filtered so, goes on. */
export const writeCursor = (list: string, place: unknown): string =>
  Buffer.from(JSON.stringify([version, list, place])).toString('base64url');

const invalid = () =>
  new Problem('cursor-invalid', 'The cursor does not belong to this list and filter: begin again without one.', {
    errors: [{ in: 'query', parameter: 'cursor', code: 'cursor_invalid', detail: 'does not belong to this list and filter' }],
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
  const envelope = z.tuple([z.literal(version), z.literal(list), z.unknown()]).safeParse(parse(cursor));
  if (!envelope.success) throw invalid();
  const read = place.safeParse(envelope.data[2]);
  if (!read.success) throw invalid();
  return read.data;
}
