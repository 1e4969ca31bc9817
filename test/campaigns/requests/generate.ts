// Requests against every operation of the OpenAPI document: parameters, headers and bodies that it allows, that lie on its bounds, and that
// it does not allow. Headers that the API reads are abused whether the operation has them or not.

import fc from 'fast-check';
import { described } from '../../support/described.js';
import { bodiesOf } from './bodies.js';
import { type Schema, valuesOf } from './values.js';

export interface GeneratedRequest {
  readonly operation: string;
  readonly method: string;
  readonly address: string;
  /** In the order in which they are sent; a name may stand there several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer | null;
}

/** What exists in the platform that is asked, by the parameter that names it. */
export interface Known {
  readonly ids: readonly string[];
  readonly skus: readonly string[];
  readonly warehouses: readonly string[];
  readonly positions: readonly string[];
}

const abused: Readonly<Record<string, readonly string[]>> = {
  Accept: [
    '*/*',
    'text/html',
    'application/json;q=0',
    'application/*;q=0.1, */*;q=nonsense',
    ',,,',
    'application/json, '.repeat(100),
  ],
  'Accept-Encoding': ['gzip', 'br', 'identity;q=0', 'gzip;q=0, br;q=0, *;q=0', 'deflate', ';;;', 'gzip, '.repeat(200)],
  'Content-Type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'text/plain',
    'application/json;',
    '',
    'multipart/form-data',
  ],
  'Content-Encoding': ['gzip', 'identity', 'br', ''],
  'Idempotency-Key': ['k-1', '"k-1"', '"', '', 'a,b', 'x'.repeat(256), '\u00e9'],
  'If-Match': ['*', '"0"', '"5"', '"5-gzip"', 'W/"5"', '5', '"', '', '"0", "1"', '"x"', '* , *', `"${'x'.repeat(4_000)}"`],
  'If-None-Match': ['*', '"0"', 'W/"0"', '0', '', '"0-gzip"', '"a", '.repeat(500)],
  'If-Modified-Since': ['Thu, 01 Jan 1970 00:00:00 GMT', 'yesterday'],
  'Panglot-Min-Position': ['x', 'abcd:1', '', 'abcd:99999999999999999999', ':', 'abcd:-1'],
  Prefer: ['wait=0', 'wait=31', 'wait=', 'wait=x', 'respond-async', 'wait=0, wait=0', ';;;', 'wait="0"'],
  traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-0-0-0', 'x'.repeat(3_000)],
  'Request-Id': ['mine', '01985c5e-0000-7000-8000-0000000000ff'],
  Origin: ['http://localhost:3000', 'https://evil.example', 'null', ''],
  Expect: ['100-continue', 'cake'],
  Range: ['bytes=0-1', 'lines=1'],
  'X-HTTP-Method-Override': ['DELETE'],
  'X-Forwarded-Host': ['evil.example'],
  Authorization: ['Bearer x', 'Basic eDp5', 'x'.repeat(2_000)],
  Cookie: ['a=b; '.repeat(100)],
  Connection: ['upgrade'],
  Upgrade: ['websocket', 'h2c'],
};
const headerAbuse = fc
  .constantFrom(...Object.keys(abused))
  .chain((name) => fc.constantFrom(...(abused[name] ?? [''])).map((value) => [name, value] as const));

const encoded = (value: unknown): string => {
  try {
    return encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value));
  } catch {
    // Half a surrogate pair cannot be encoded; this is what cannot be decoded either.
    return '%ED%A0%80';
  }
};

const knownFor = (name: string, path: string, known: Known): readonly string[] => {
  if (name === 'id') return path.startsWith('/warehouses') ? known.warehouses : known.ids;
  if (name === 'sku') return known.skus;
  if (name === 'warehouse') return known.warehouses;
  return name.toLowerCase().includes('position') ? known.positions : [];
};

type Operation = (typeof described.paths)[string][string];

function requestsTo(
  method: string,
  path: string,
  { parameters = [], requestBody, servers }: Operation,
  known: Known,
): fc.Arbitrary<GeneratedRequest> {
  const base = servers === undefined ? (described.servers[0]?.url ?? '') : (servers[0]?.url ?? '').replace(/\/$/, '');
  const of = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const values = (place: string) =>
    fc.record(
      Object.fromEntries(
        of(place).map(({ name, schema, example }) => [
          name,
          valuesOf({ ...schema, ...(example === undefined ? {} : { example }) } as Schema, knownFor(name, path, known)),
        ]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, unknown>>;
  const oddQuery = fc.oneof(
    { weight: 12, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'colour=red',
        'limit=1&limit=2',
        '__proto__=1',
        '%',
        '&&&=',
        'limit[]=1',
        'limit=%00',
        'fields=id',
        `x=${'y'.repeat(3_000)}`,
      ),
    },
  );
  const schema = requestBody?.content['application/json'].schema as Schema | undefined;
  const all = [...known.skus, ...known.warehouses, ...known.ids];
  const bodies: fc.Arbitrary<string | Buffer | null> =
    schema === undefined
      ? fc.oneof({ weight: 20, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant('{"a":1}') })
      : fc.oneof({ weight: 12, arbitrary: bodiesOf(schema, all) }, { weight: 1, arbitrary: fc.constant(null) });
  return fc
    .record({
      path: values('path'),
      query: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: values('query') }) as fc.Arbitrary<
        Record<string, unknown>
      >,
      own: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: values('header') }) as fc.Arbitrary<
        Record<string, unknown>
      >,
      odd: oddQuery,
      abuse: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(headerAbuse, { maxLength: 3 }) }),
      body: bodies,
      verb: fc.oneof(
        { weight: 30, arbitrary: fc.constant(method) },
        { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE', 'POST', 'PUT', 'GET') },
      ),
    })
    .map(({ path: inPath, query, own, odd, abuse, body, verb }) => {
      const place = base + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name]) || '%20');
      const parts = [...Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`), odd].filter(
        (part) => part !== '',
      );
      const headers: (readonly [string, string])[] = [
        ...Object.entries(own).map(([name, value]) => [name, sendable(String(value))] as const),
        ...abuse,
      ];
      return {
        operation: `${method} ${path}`,
        method: verb,
        address: parts.length === 0 ? place : `${place}?${parts.join('&')}`,
        headers: patient(verb, headers),
        body,
      };
    });
}

/** A header of other bytes is no HTTP, which is refused before it is a request. */
const sendable = (value: string): string => value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 5_000);

/** Nobody settles an order here, so whoever waits for one waits in vain; a read that does not wait may truly be told that it is too early. */
const patient = (method: string, headers: readonly (readonly [string, string])[]) =>
  headers.map(([name, value]) => {
    const wait = (whole: string, seconds: string) => (Number(seconds) > 30 ? whole : `wait=${method === 'POST' ? 0 : 9}`);
    return [name, name === 'Prefer' ? value.replaceAll(/wait\s*=\s*"?(\d+)"?/gi, wait) : value] as const;
  });

/** Requests against every operation that is described, each as often as the others. */
export const generatedRequests = (known: Known): fc.Arbitrary<GeneratedRequest> =>
  fc.oneof(
    ...Object.entries(described.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => requestsTo(method.toUpperCase(), path, operation, known)),
    ),
  );
