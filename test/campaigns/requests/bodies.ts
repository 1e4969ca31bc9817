// Bodies of generated requests: a value of the schema as JSON, and what becomes of one when it is mutated, cut, encoded wrongly, made deep or
// wide, or has a member twice.

import fc from 'fast-check';
import { naughtyStrings, type Schema, valuesOf } from './values.js';

type Mutation = (text: string, random: number) => string | Buffer;

const place = (text: string, random: number) => (text.length === 0 ? 0 : random % text.length);

const mutations: readonly Mutation[] = [
  (text, n) => text.slice(0, place(text, n)),
  (text, n) => text.slice(0, place(text, n)) + text.slice(place(text, n) + 1),
  (text, n) => `${text.slice(0, place(text, n))}${naughtyStrings[n % naughtyStrings.length]}${text.slice(place(text, n))}`,
  (text) => `${text}${text}`,
  (text) => `[${text}]`,
  (text, n) => text.replace('{', `{${JSON.stringify(naughtyStrings[n % naughtyStrings.length])}:1,`),
  // The first member a second time, wherever the text has an object.
  (text) => text.replace(/\{("(?:[^"\\]|\\.)*":)/, '{$10,$1'),
  (text) => text.replace(/:(-?\d+)/, ':1e999'),
  (text) => text.replace(/:(-?\d+)/, `:${'9'.repeat(400)}`),
  (text) => text.replace(/:(-?\d+)/, ':-0.0'),
  (text) => text.replace(/"(?:[^"\\]|\\.)*"(?=[,}\]])/, 'null'),
  (text, n) => text.replace(/:("(?:[^"\\]|\\.)*"|-?\d+)/, `:${JSON.stringify(naughtyStrings[n % naughtyStrings.length])}`),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
  (text, n) =>
    Buffer.concat([
      Buffer.from(text.slice(0, place(text, n))),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from(text.slice(place(text, n))),
    ]),
  () => '['.repeat(20_000),
  () => `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  () => `{${Array.from({ length: 3_000 }, (_, n) => `"m${n}":${n}`).join(',')}}`,
  (text) =>
    text.length > 2_000
      ? text
      : text.replace(
          /"lines":\[(.*)\]/s,
          (_, lines: string) => `"lines":[${Array.from({ length: 2_001 }, () => lines).join(',')}]`,
        ),
  () => ' '.repeat(70_000),
  () => 'customerId=1&currency=GBP',
];

/** Bodies for this schema. */
export const bodiesOf = (schema: Schema, known: readonly string[]): fc.Arbitrary<string | Buffer> =>
  fc.oneof(
    { weight: 6, arbitrary: valuesOf(schema, known).map((value) => JSON.stringify(value)) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(valuesOf(schema, known), fc.array(fc.tuple(fc.constantFrom(...mutations), fc.nat()), { minLength: 1, maxLength: 2 }))
        .map(([value, changes]) =>
          changes.reduce<string | Buffer>(
            (body, [mutate, random]) => (typeof body === 'string' ? mutate(body, random) : body),
            JSON.stringify(value),
          ),
        ),
    },
  );
