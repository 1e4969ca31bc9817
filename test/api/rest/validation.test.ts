import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as fields from '../../../src/api/rest/fields.js';
import { Problem } from '../../../src/api/rest/problem.js';
import { checked, pointerTo } from '../../../src/api/rest/validation.js';

function problemOf(schema: z.ZodType, value: unknown, place: 'body' | 'query' = 'body'): Problem {
  try {
    checked(schema, value, place);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was valid.');
}

describe('a JSON pointer', () => {
  it.each([
    [[], '#'],
    [['lines', 0, 'quantity'], '#/lines/0/quantity'],
    [['a/b', 'c~d'], '#/a~1b/c~0d'],
    [['ä b'], '#/%C3%A4%20b'],
    [['\ud800'], '#/%EF%BF%BD'],
  ])('%j is %s', (path, pointer) => expect(pointerTo(path)).toBe(pointer));
});

describe('what is wrong is said in words', () => {
  it.each([
    [z.int().min(1), 0, 'too_small', 'must be at least 1'],
    [z.int().max(5), 6, 'too_big', 'must be at most 5'],
    [z.int(), 1.5, 'invalid_type', 'must be an integer'],
    [z.int(), '1', 'invalid_type', 'must be a number'],
    [z.string(), undefined, 'required', 'is required'],
    [z.string().max(3), 'abcd', 'too_big', 'must have at most 3 characters'],
    [z.array(z.int()).min(1), [], 'too_small', 'must have at least 1 entries'],
    [z.enum(['A', 'B']), 'C', 'invalid_value', 'must be "A" or "B"'],
    [fields.uuid, 'x', 'invalid_format', 'must be a UUID'],
    [fields.knownCurrency, 'XQQ', 'invalid_value', 'is not a currency of ISO 4217'],
  ])('%# %j', (schema, value, code, detail) => {
    const { errors } = problemOf(z.strictObject({ field: schema }), value === undefined ? {} : { field: value });
    expect(errors[0]).toEqual({ pointer: '#/field', code, detail });
  });

  it('with the first one in the sentence, and the others counted', () => {
    const problem = problemOf(z.strictObject({ a: z.int(), b: z.int() }), {});
    expect(problem.message).toBe('#/a is required (and 1 more).');
    expect(problem.errors).toHaveLength(2);
  });

  it('for a parameter by its name', () => {
    const problem = problemOf(z.strictObject({ limit: fields.limit }), { limit: '0' }, 'query');
    expect([problem.code, problem.errors]).toEqual([
      'parameter-invalid',
      [{ in: 'query', parameter: 'limit', code: 'invalid_format', detail: 'must be a number from 1 to 100' }],
    ]);
  });

  it('but never more than fifty times', () => {
    const lines = Array.from({ length: 1000 }, () => 'x');
    expect(problemOf(z.array(z.int()), lines).errors).toHaveLength(50);
    expect(problemOf(z.strictObject({}), Object.fromEntries(lines.map((_, n) => [n, 1]))).errors).toHaveLength(50);
  });
});

describe('fields', () => {
  it('make one SKU of what differs in case and surrounding space', () =>
    expect(fields.sku.parse(' 90184c ')).toBe(fields.sku.parse('90184C')));

  it('read a time of any offset as an instant in UTC with milliseconds', () => {
    expect(fields.instant.parse('2011-11-14T08:26:00+01:00')).toBe('2011-11-14T07:26:00.000Z');
    expect(fields.instant.parse('2011-11-14T08:26:00.1234567Z')).toBe('2011-11-14T08:26:00.123Z');
  });
});
