// Field selection: which members of a resource an answer shows. What can be selected is what the answer's schema has; a member that was not
// selected is absent, one that is not known is null.

import { z } from 'zod';
import { parameterProblem } from './problem.js';
import { checked } from './validation.js';

/** The members to show, each whole (`null`) or in part. */
interface Selection extends ReadonlyMap<string, Selection | null> {}
type Growing = Map<string, Growing | null>;

const longest = 1000;

/** The object that a schema stands for, whether it may be null or is that of a list's entries; `null` if it is none. */
function objectIn(schema: unknown): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return objectIn(schema.unwrap());
  if (schema instanceof z.ZodArray) return objectIn(schema.element);
  return null;
}

function add(selection: Growing, schema: z.ZodObject | null, names: readonly string[], path: string): void {
  const [name = '', ...rest] = names;
  if (schema === null || !Object.hasOwn(schema.shape, name))
    throw parameterProblem('query', 'fields', `names ${JSON.stringify(path.slice(0, 100))}, which is not a member`);
  const chosen = selection.get(name);
  if (rest.length === 0) selection.set(name, null);
  else if (chosen !== null) {
    const within: Growing = chosen ?? new Map();
    selection.set(name, within);
    add(within, objectIn(schema.shape[name]), rest, path);
  } else add(new Map(), objectIn(schema.shape[name]), rest, path);
}

function selectionOf(fields: string, schema: z.ZodObject): Selection {
  const selection: Growing = new Map();
  for (const path of fields.split(',')) add(selection, schema, path.trim().split('.'), path);
  return selection;
}

/** The value with the selected members only, in its own order. */
function select(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((entry) => select(entry, selection));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const within = selection.get(name);
      return within === undefined ? [] : [[name, within === null ? member : select(member, within)]];
    }),
  );
}

/** The object that is selected from in answers of this schema: that of the entries, if it is that of a list. */
function selectable(answer: z.ZodType): { readonly object: z.ZodObject | null; readonly entries: boolean } {
  const whole = objectIn(answer);
  const { data } = whole?.shape ?? {};
  return data instanceof z.ZodArray ? { object: objectIn(data), entries: true } : { object: whole, entries: false };
}

const text = z.string().min(1).max(longest).optional();

/** The parameter, for answers of this schema. */
export const fieldsParameter = (answer: z.ZodType) =>
  text.meta({
    description:
      'The members to show, parted by commas, with dots for what lies within: `id,status,lines.sku`. In a list: of each entry.',
    example: Object.keys(selectable(answer).object?.shape ?? {})
      .slice(0, 2)
      .join(','),
  });

/** Shows a part of an answer's body. */
export type Part = (body: unknown) => unknown;

/** What `fields` selects of answers of this schema. @throws Problem for what is not a member */
export function partOf(fields: string, answer: z.ZodType): Part {
  const { object, entries } = selectable(answer);
  if (object === null) throw parameterProblem('query', 'fields', 'cannot select anything here');
  const selection = selectionOf(checked(text, fields, 'query', 'fields') ?? '', object);
  if (!entries) return (body) => select(body, selection);
  return (body) => ({ ...(body as { data: unknown }), data: select((body as { data: unknown }).data, selection) });
}
