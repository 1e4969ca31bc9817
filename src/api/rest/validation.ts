// Holds what came in against a schema; what does not fit becomes a problem that names each place, in words that a caller understands.

import type { z } from 'zod';
import { type FieldError, Problem } from './problem.js';

/** The rest is only counted: an answer stays small, however wrong the request. */
const mostErrors = 50;
const longestName = 100;

const presentable = (name: PropertyKey): string =>
  String(name)
    .slice(0, longestName)
    .replaceAll(/\p{Cs}/gu, '\uFFFD');

/** A JSON pointer (RFC 6901) in its URI fragment form. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  `#${path.map((name) => `/${encodeURIComponent(presentable(name).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };

function bound(words: string, limit: number | bigint, origin: string): string {
  const unit = units[origin];
  return unit === undefined ? `must be ${words} ${limit}` : `must have ${words} ${limit} ${unit}`;
}

const kindOf = (expected: string): string => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);

type Issue = z.core.$ZodIssue;

function detailOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'is required';
      return `must be ${kindOf(issue.expected === 'int' ? 'integer' : issue.expected)}`;
    }
    case 'too_small':
      return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin);
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `must be a valid ${issue.format}` : issue.message;
    default:
      return issue.message.startsWith('Invalid') ? 'is not valid' : issue.message;
  }
}

function codeOf(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'required';
  return issue.code === 'custom' ? 'invalid_value' : issue.code;
}

type Place = 'body' | 'path' | 'query' | 'header';

const located = (place: Place, path: readonly PropertyKey[]): Omit<FieldError, 'code' | 'detail'> =>
  place === 'body' ? { pointer: pointerTo(path) } : { in: place, parameter: presentable(path[0] ?? '') };

function errorsOf(issue: Issue, place: Place): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, mostErrors).map((key) => ({
      ...located(place, [...issue.path, key]),
      code: 'unknown_member',
      detail: place === 'body' ? 'is not a member of this object' : 'is not a parameter of this resource',
    }));
  return [{ ...located(place, issue.path), code: codeOf(issue), detail: detailOf(issue) }];
}

const nameOf = (error: FieldError): string => error.parameter ?? (error.pointer === '#' ? 'The body' : (error.pointer ?? ''));

/**
 * The value as the schema gives it. `name`: of the one parameter that the value is, unless it is an object of them.
 * @throws Problem 422 for a body, 400 for a parameter
 */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, place: Place, name?: string): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const errors = result.error.issues
    .slice(0, mostErrors)
    .flatMap((issue) => errorsOf(name === undefined ? issue : { ...issue, path: [name, ...issue.path] }, place))
    .slice(0, mostErrors);
  const [first] = errors;
  const others = result.error.issues.length - 1;
  const more = others > 0 ? ` (and ${others} more)` : '';
  throw new Problem(
    place === 'body' ? 'validation-failed' : 'parameter-invalid',
    first === undefined ? 'The request is not valid.' : `${nameOf(first)} ${first.detail}${more}.`,
    { errors },
  );
}
