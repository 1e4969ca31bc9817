// Values for generated requests: what a schema of the OpenAPI document allows, what lies on its bounds and just beyond them, and what nobody
// should send.

import fc from 'fast-check';
import { described } from '../../support/described.js';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly example?: unknown;
}

/** Strings that have broken something somewhere: injections, odd Unicode, numbers that are none. */
export const naughtyStrings: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '\u202e\u2066',
    '\u00a0',
    'İ',
    'ß',
    'ﬀ',
    '👩‍👩‍👧‍👦',
    'e\u0301',
  ],
  ...['null', 'undefined', 'NaN', 'Infinity', '-0', '1e999', '0x10', '1_000', '٣', '９', 'true', '[object Object]'],
  ...[
    "' OR 1=1 --",
    '"; DROP TABLE orders; --',
    '$1',
    '%00',
    '%2e%2e%2f',
    '../../etc/passwd',
    '#{7*7}',
    '{{7*7}}',
    '$where',
    'a'.repeat(5_000),
  ],
  ...[
    '<script>alert(1)</script>',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '\r\nX-Evil: 1',
    '\t',
    '\n',
  ],
  ...['2011-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '2020-01-01T00:00:00+99:99', '-1', '9'.repeat(400)],
];
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  -0,
  2 ** 53,
  1e300,
  5e-324,
  [],
  [[]],
  {},
  [null],
  { a: { b: {} } },
  ...naughtyStrings,
];

const naughty = fc.constantFrom(...oddValues);

const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (described.components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Schema);

function text({ format, pattern, minLength = 0, maxLength = 40 }: Schema, known: readonly string[]): fc.Arbitrary<string> {
  const familiar = known.length === 0 ? [] : [fc.constantFrom(...known)];
  if (format === 'uuid') return fc.oneof(...familiar, fc.uuid());
  if (format === 'date-time')
    return fc.oneof(
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('1970-01-01T00:00:00Z', '2099-12-31T23:59:59.999Z', '2020-02-29T12:00:00+14:00'),
    );
  if (pattern !== undefined) return fc.oneof(...familiar, fc.stringMatching(new RegExp(pattern)));
  const bounded = fc.string({ minLength, maxLength: Math.min(maxLength, 300), unit: 'grapheme' });
  return fc.oneof(
    ...familiar,
    bounded,
    fc.constantFrom(
      'x'.repeat(Math.max(1, minLength)),
      'x'.repeat(Math.min(maxLength, 5_000)),
      'x'.repeat(Math.min(maxLength + 1, 5_001)),
    ),
  );
}

function number({ minimum, maximum, exclusiveMinimum }: Schema): fc.Arbitrary<number> {
  const min = minimum ?? (exclusiveMinimum === undefined ? -1_000 : exclusiveMinimum + 1);
  const max = maximum ?? Number.MAX_SAFE_INTEGER;
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: Math.max(min, -1_000_000), max: Math.min(max, 1_000_000) }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max, min - 1, max + 1, 0) },
  );
}

/** Values of a schema, on its bounds and a little beyond them; now and then something else altogether. */
export function valuesOf(given: Schema, known: readonly string[], depth = 0): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const fitting = fittingValues(schema, known, depth);
  return fc.oneof({ weight: 30, arbitrary: fitting }, { weight: 1, arbitrary: naughty });
}

function fittingValues(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => valuesOf(variant, known, depth)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return schema.example !== undefined
        ? fc.oneof({ weight: 3, arbitrary: fc.constant(schema.example) }, { weight: 2, arbitrary: text(schema, known) })
        : text(schema, known);
    case 'integer':
    case 'number':
      return number(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, known, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, 1),
        maxLength: 3,
      });
    case 'object': {
      const required = new Set(schema.required ?? []);
      const members = Object.entries(schema.properties ?? {});
      return fc.record(Object.fromEntries(members.map(([name, member]) => [name, valuesOf(member, known, depth + 1)])), {
        requiredKeys: members.map(([name]) => name).filter((name) => required.has(name)),
      });
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}
