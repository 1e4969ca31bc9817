import { describe, expect, it } from 'vitest';
import { acceptsJson, idempotencyKey, preferredWait, traceparent } from '../../../src/api/rest/headers.js';

describe('Prefer', () => {
  it.each([
    [undefined, null],
    ['respond-async', null],
    ['wait=10', 10],
    ['wait="10"', 10],
    ['respond-async, wait=0', 0],
    ['respond-async; x=y, Wait = 30', 30],
  ])('%j waits %j', (prefer, seconds) => expect(preferredWait(prefer === undefined ? {} : { prefer })).toBe(seconds));

  it.each(['wait=', 'wait=31', 'wait=-1', 'wait=1.5', 'wait=x'])('%s is refused', (prefer) =>
    expect(() => preferredWait({ prefer })).toThrow(/^Prefer must have/),
  );
});

describe('Idempotency-Key', () => {
  it.each([
    [undefined, null],
    ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    ['order 17/2;x=\\', 'order 17/2;x=\\'],
    ['"a, \\"b\\" \\\\"', 'a, "b" \\'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('%j is %j', (given, key) => expect(idempotencyKey(given === undefined ? {} : { 'idempotency-key': given })).toBe(key));

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['too long', 'x'.repeat(256)],
    ['too long in quotes', `"${'x'.repeat(256)}"`],
    ['with a tab', 'a\tb'],
    ['with a control character in quotes', '"a\u007f"'],
    ['not ASCII', 'schl\u00fcssel'],
    ['given twice', '"a", "b"'],
    ['given twice, bare', 'a, b'],
    ['with a quote that is not closed', '"a'],
    ['with a quote inside', 'a"b'],
    ['with a parameter', '"a";b=1'],
    ['with an escape that is none', '"a\\b"'],
  ])('%s is refused by name', (_, given) =>
    expect(() => idempotencyKey({ 'idempotency-key': given })).toThrow(/^Idempotency-Key must be given once/),
  );
});

describe('Accept', () => {
  it.each([
    [undefined, true],
    ['*/*', true],
    ['application/json', true],
    ['text/html, application/*;q=0.5', true],
    ['text/html;q=1, */*;q=0.1', true],
    ['text/html', false],
    ['application/json;q=0', false],
    ['application/json;q=0, */*', false],
  ])('%j: %j', (accept, accepted) => expect(acceptsJson(accept === undefined ? {} : { accept })).toBe(accepted));
});

describe('traceparent', () => {
  it('is taken if it is well-formed, else it is as good as none', () => {
    const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(traceparent({ traceparent: good })).toBe(good);
    expect(traceparent({ traceparent: 'nonsense' })).toBeUndefined();
  });
});
