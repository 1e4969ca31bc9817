import { describe, expect, it } from 'vitest';
import { codedTag, expectedRevision, noneMatch } from '../../../src/api/rest/entity-tags.js';

describe('If-None-Match', () => {
  it.each([
    ['*', '"7"'],
    ['"7"', '"7"'],
    ['W/"7"', '"7"'],
    ['"6", "7"', '"7"'],
    ['"6" ,"7-gzip"', '"7-gzip"'],
    ['W/"7-br"', '"7-br"'],
    ['"a,b", "7"', '"7"'],
    ['"6"', null],
    ['"7-zip"', null],
    ['7', null],
    ['"7', null],
    ['"7" "8"', null],
    ['', null],
  ])('%s and "7": %j', (tags, named) => expect(noneMatch({ 'if-none-match': tags }, '"7"')).toBe(named));

  it('knows a tag in every coding that it was sent in', () =>
    expect(noneMatch({ 'if-none-match': codedTag('"7"', 'gzip') }, '"7"')).toBe('"7-gzip"'));
});

describe('If-Match', () => {
  it.each([
    ['*', 'exists'],
    ['"7"', [7]],
    ['"7-gzip"', [7]],
    ['"6", "7-br"', [6, 7]],
    ['W/"7"', []],
    ['"x"', []],
    ['"07"', []],
    ['"99999999999999"', []],
  ])('%s allows %j', (match, expected) => expect(expectedRevision({ 'if-match': match }, 'revision')).toEqual(expected));

  it.each(['7', '', '"7', '"7" "8"', '* , "7"'])('%j is no list of tags', (match) =>
    expect(() => expectedRevision({ 'if-match': match }, 'revision')).toThrow(/^If-Match must be/),
  );

  it('is refused by name where there is no revision', () =>
    expect(() => expectedRevision({ 'if-match': '*' }, 'none')).toThrow(/^If-Match is for what has a revision/));
});

describe('If-None-Match of a command', () => {
  it('is * where there may be none yet, and refused by name for anything else', () => {
    expect(expectedRevision({ 'if-none-match': '*' }, 'revision or none')).toEqual([-1]);
    expect(() => expectedRevision({ 'if-none-match': '"7"' }, 'revision or none')).toThrow(/^If-None-Match must be \*/);
    expect(() => expectedRevision({ 'if-none-match': '*' }, 'revision')).toThrow(/^If-None-Match is for/);
    expect(() => expectedRevision({ 'if-none-match': '*', 'if-match': '*' }, 'revision or none')).toThrow(/together/);
  });
});
