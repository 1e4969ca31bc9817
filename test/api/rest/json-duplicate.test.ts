import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateMember } from '../../../src/api/rest/json-duplicate.js';

const of = (text: string) => duplicateMember(text, JSON.parse(text));

describe('a member that is given twice', () => {
  it.each<[string, (string | number)[]]>([
    ['{"a":1,"a":1}', ['a']],
    ['{"a" :1 ,\n"b":2, "a"\t: 3}', ['a']],
    ['{"lines":[{"sku":"A"},{"sku":"B","quantity":1,"sku":"C"}]}', ['lines', 1, 'sku']],
    ['[[],[{"a":{"b":1,"b":2}}]]', [1, 0, 'a', 'b']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"\\"":1,"\\"":2}', ['"']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"":1,"":2}', ['']],
    ['{"a\\\\":1,"a\\\\":2}', ['a\\']],
  ])('%s: %j', (text, path) => expect(of(text)).toEqual(path));

  it.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":":","b":"\\":","c":"a\\\\"}',
    '"a"',
    '1',
    'null',
    '{}',
    '[]',
    '{"":{"":0}}',
  ])('%s has none', (text) => expect(of(text)).toBeNull());

  it('is in no text that JSON.stringify makes, and in each that an object has a member added to again', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 2 : 0);
        expect(of(text)).toBeNull();
        const doubled = `{"x":${text},"x":${text}}`;
        expect(of(doubled)).toEqual(['x']);
        expect(of(`[1,${doubled}]`)).toEqual([1, 'x']);
      }),
      { numRuns: 500 },
    );
  });

  it('is looked for in a deep body too', () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect(of(deep)).toBeNull();
  });
});
