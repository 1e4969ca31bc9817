import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault, placeOfFault } from '../../../src/api/rest/json-fault.js';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place where JSON breaks', () => {
  it.each([
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[01]', 2],
    ['"a\nb"', 2],
    ['"\\x"', 1],
    ['{"a":tru}', 5],
    ['{}x', 2],
    ['', 0],
    ['{"a":[1,2', 9],
    ['"abc', 4],
  ])('%j breaks at %d', (text, at) => expect(jsonFault(text)).toBe(at));

  it('is told as line and column', () => expect(placeOfFault('{\n  "a": x\n}')).toEqual({ line: 2, column: 8 }));

  it('is the end of the text for what is JSON, and lies within it for what is not, whatever was done to it', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(100), fc.nat(3), fc.string({ maxLength: 3 }), (value, at, cut, put) => {
        const whole = JSON.stringify(value, null, 1);
        expect(jsonFault(whole)).toBe(whole.length);
        const text = whole.slice(0, at) + put + whole.slice(at + cut);
        const fault = jsonFault(text);
        expect(fault).toBeLessThanOrEqual(text.length);
        if (fault < text.length) expect(parses(text)).toBe(false);
        // What stands before the fault could still become JSON.
        expect(jsonFault(text.slice(0, fault))).toBe(fault);
      }),
    ));
});
