import { describe, expect, it } from 'vitest';
import { confirmed, orderId } from '../../../src/api/rest/description/example-views.js';
import { expectAllowed, expectDescribed } from '../../support/described.js';

const answer = {
  method: 'GET',
  address: `/api/v1/orders/${orderId}`,
  status: 200,
  text: JSON.stringify(confirmed),
};
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'request-id': orderId,
  'panglot-position': 'k3f9:5133',
  'cache-control': 'private, no-cache',
  vary: 'Accept',
  etag: '"5"',
};
const judged = (over: object = {}, others: Record<string, string | undefined> = {}) => {
  const given = Object.entries({ ...headers, ...others }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return () => expectDescribed({ ...answer, ...over, headers: new Headers(given) });
};
const text = (over: object) => JSON.stringify({ ...confirmed, ...over });

describe('an answer that openapi.json does not describe', () => {
  it('is told from one that it does', () => expect(judged()).not.toThrow());

  it.each([
    ['another status', judged({ status: 418 }), /the status 418 is not described/],
    ['a header that is not described', judged({}, { 'x-secret': '1' }), /the header x-secret is not described/],
    ['a header of another form', judged({}, { 'panglot-position': '5133' }), /the header Panglot-Position is 5133/],
    ['no header where one is promised', judged({}, { etag: undefined }), /the header ETag is missing/],
    ['another type', judged({}, { 'content-type': 'text/plain' }), /the type text\/plain is not described/],
    ['a member too many', judged({ text: text({ secret: 1 }) }), /must NOT have additional properties/],
    ['a member too few', judged({ text: text({ total: undefined }) }), /must have required property 'total'/],
    ['a member of another kind', judged({ text: text({ total: '1980' }) }), /total must be integer/],
    ['a member too many within', judged({ text: text({ lines: [{ ...confirmed.lines[0], cost: 1 }] }) }), /lines\/0 must NOT/],
    ['an address that is not there', judged({ address: '/api/v1/none', status: 200 }), /200 is not described/],
    ['a method that is not taken', judged({ method: 'DELETE', status: 204 }), /204 is not described/],
  ])('fails the test that met it: %s', (_what, judge, complaint) => expect(judge).toThrow(complaint));

  it('lacks what was not selected, and only then', () => {
    const part = JSON.stringify({ id: confirmed.id });
    expect(judged({ address: `${answer.address}?fields=id`, text: part })).not.toThrow();
    expect(judged({ text: part })).toThrow(/must have required property/);
  });

  it('is one to a body that it does not allow, if that was taken', () => {
    expect(() => expectAllowed('POST', '/api/v1/orders', 201, { customerId: '1' })).toThrow(
      /a body that openapi.json does not allow/,
    );
    expect(() => expectAllowed('POST', '/api/v1/orders', 422, { customerId: '1' })).not.toThrow();
  });
});
