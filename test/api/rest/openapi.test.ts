import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/api/access/operations.js';
import { operationTexts, tags } from '../../../src/api/rest/description/operations.js';
import { openApiDocument } from '../../../src/api/rest/openapi.js';
import { problemCodes, problemKinds } from '../../../src/api/rest/problem-codes.js';
import { allRoutes } from '../../../src/api/rest/routes/all-routes.js';
import { described, faultOf } from '../../support/described.js';

// The document as a client gets it.
const document: unknown = JSON.parse(JSON.stringify(openApiDocument(allRoutes, '1.2.3')));

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (place, name) => (typeof place === 'object' && place !== null ? Reflect.get(place, name) : undefined),
    value,
  );

function* nodes(value: unknown): Iterable<object> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const inner of Object.values(value)) yield* nodes(inner);
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and names the API', () => {
    expect(at(document, 'openapi')).toBe('3.1.0');
    expect(at(document, 'info', 'version')).toBe('1.2.3');
    expect(at(document, 'servers', '0', 'url')).toBe('/api/v1');
  });

  it.each(allRoutes.map((route) => [route.method, route.path, route] as const))('describes %s %s', (method, path, route) => {
    const operation = at(document, 'paths', path, method);
    expect(Object.keys(Object(at(operation, 'responses')))).toEqual(expect.arrayContaining(Object.keys(route.successes)));
    for (const code of route.problems)
      expect(at(operation, 'responses', String(problemKinds[code].status), 'description')).toContain(`\`${code}\``);
    const parameters = at(operation, 'parameters');
    const inPath = (Array.isArray(parameters) ? parameters : []).filter((parameter) => at(parameter, 'in') === 'path');
    expect(inPath.map((parameter) => `{${at(parameter, 'name')}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(at(operation, 'requestBody', 'content', 'application/json', 'schema') !== undefined).toBe(route.body !== null);
  });

  it.each(allRoutes.filter(({ kind }) => kind === 'command').map((route) => [route.method, route.path, route] as const))(
    'tells of Idempotency-Key on %s %s if it is a POST',
    (method, path, route) => {
      const operation = at(document, 'paths', path, method);
      const keyed = method === 'post';
      const parameters = at(operation, 'parameters');
      const names = (Array.isArray(parameters) ? parameters : []).map((parameter) => at(parameter, 'name'));
      expect(names.includes('Idempotency-Key')).toBe(keyed);
      for (const status of [...Object.keys(route.successes), ...(keyed ? ['409', '422'] : [])])
        expect('Idempotency-Replayed' in Object(at(operation, 'responses', status, 'headers'))).toBe(keyed);
      expect(route.problems.includes('idempotency-key-in-use')).toBe(keyed);
      expect(route.problems.includes('idempotency-key-reused')).toBe(keyed);
      if (keyed) expect(at(operation, 'responses', '409', 'headers')).toHaveProperty('Retry-After');
    },
  );

  it('has no reference that leads nowhere', () => {
    const references = [...nodes(document)].flatMap((node) => ('$ref' in node ? [String(node.$ref)] : []));
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) expect(at(document, ...reference.replace('#/', '').split('/')), reference).toBeDefined();
  });

  it('has patterns that are regular expressions, and take what the API takes', () => {
    const patterns = [...nodes(document)].flatMap((node) => ('pattern' in node ? [String(node.pattern)] : []));
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'u'), pattern).not.toThrow();
    const line = ['properties', 'lines', 'items', 'properties', 'sku', 'pattern'];
    const sku = at(document, 'paths', '/orders', 'post', 'requestBody', 'content', 'application/json', 'schema', ...line);
    expect(' 90184c ').toMatch(new RegExp(String(sku), 'u'));
  });

  it('gives every operation a name of its own', () => {
    const ids = [...nodes(at(document, 'paths'))].flatMap((node) => ('operationId' in node ? [node.operationId] : []));
    expect(ids.length).toBeGreaterThan(allRoutes.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes the resources by name', () => {
    expect(Object.keys(Object(at(document, 'components', 'schemas'))).sort()).toEqual(
      [
        ...[
          'Event',
          'Movement',
          'Order',
          'Payment',
          'Problem',
          'ProblemKind',
          'Product',
          'Readiness',
          'Return',
          'Step',
          'Stock',
          'Warehouse',
        ],
      ].sort(),
    );
    expect(at(document, 'paths', '/orders/{id}', 'get', 'responses', '200', 'content', 'application/json', 'schema')).toEqual({
      $ref: '#/components/schemas/Order',
    });
  });
});

describe('openapi.json', () => {
  it('is what the code describes: npm run docs:openapi writes it', () => {
    const root = new URL('../../../', import.meta.url);
    const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    const written = readFileSync(new URL('openapi.json', root), 'utf8');
    expect(written === `${JSON.stringify(openApiDocument(allRoutes, version), null, 2)}\n`).toBe(true);
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    expect(await new Validator().validate(structuredClone(Object(document)))).toEqual({ valid: true });
  });
});

const operationsIn = Object.entries(described.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
);

describe('every operation', () => {
  it('of a route has a name and examples, and nothing else has', () =>
    expect(Object.keys(operationTexts).sort()).toEqual(
      allRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort(),
    ));

  it.each(operationsIn)('%s %s has a tag that is explained', (_method, _path, operation) => {
    expect(operation.tags.length).toBe(1);
    for (const tag of operation.tags) expect(Object.keys(tags)).toContain(tag);
  });

  it.each(operationsIn)('%s %s has an example of each parameter that fits', (_method, _path, { parameters = [] }) => {
    for (const { name, schema, example } of parameters) {
      if (name === 'cursor' || name === 'code') continue;
      expect(example, name).toBeDefined();
      expect(faultOf(schema, example), name).toBeNull();
    }
  });

  it.each(operationsIn)('%s %s has examples of its body and its answers that fit', (method, path, { requestBody, responses }) => {
    const body = requestBody?.content['application/json'];
    for (const { value } of Object.values(body?.examples ?? {})) expect(faultOf(body?.schema ?? {}, value)).toBeNull();
    expect(Object.keys(body?.examples ?? { none: true }).length).toBeGreaterThan(0);
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const { schema, example } = content['application/json'] ?? {};
      if (schema === undefined || path === '/openapi.json') continue;
      expect(example, `${method} ${path} ${status}`).toBeDefined();
      expect(faultOf(schema, example), `${method} ${path} ${status}`).toBeNull();
    }
  });

  it.each(Object.entries(described.components.examples))('may show the problem %s as it would be sent', (code, { value }) => {
    expect(faultOf({ $ref: '#/components/schemas/Problem' }, value)).toBeNull();
    expect(value).toMatchObject({ code, type: `urn:problem-type:panglot:${code}` });
  });
});

describe('the routes', () => {
  it('are all operations of the access policy', () => {
    for (const { operation } of allRoutes) expect(operations).toContain(operation);
  });

  it('answer only problems that the table knows', () => {
    for (const { problems } of allRoutes) for (const code of problems) expect(problemCodes).toContain(code);
  });
});
