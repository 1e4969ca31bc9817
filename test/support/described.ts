// Holds answers against the OpenAPI document: a test that meets a status, a header or a body that is not described fails at once. Bodies
// are held closer than clients should: a member that is not described is refused too.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../src/api/rest/openapi.js';
import { allRoutes } from '../../src/api/rest/routes/all-routes.js';

interface Schema {
  readonly [keyword: string]: unknown;
}
interface Described {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
  readonly example?: unknown;
}
interface Body {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': Body } };
  readonly responses: Readonly<Record<string, Described>>;
  readonly servers?: readonly { readonly url: string }[];
}
interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, { readonly required?: boolean; readonly schema: Schema }>>;
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

/** The document as a client gets it. */
export const described: Document = JSON.parse(JSON.stringify(openApiDocument(allRoutes, 'test')));

/** Objects with known members have no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
}

/** Nothing has to be there: what `fields` did not select is absent. */
function sparse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sparse);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => name !== 'required' || !Array.isArray(member));
  return Object.fromEntries(members.map(([name, member]) => [name, sparse(member)]));
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'whole', components: { schemas: closed(described.components.schemas) } });
ajv.addSchema({ $id: 'sparse', components: { schemas: sparse(closed(described.components.schemas)) } });

const compiled = { whole: new Map<Schema, ValidateFunction>(), sparse: new Map<Schema, ValidateFunction>() };

const pointingInto = (base: string, schema: unknown) =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${base}#/`));

/** What is wrong with a value; `null` if nothing is. Each schema is compiled once. */
export function faultOf(schema: Schema, value: unknown, form: 'whole' | 'sparse' = 'whole'): string | null {
  let validate = compiled[form].get(schema);
  if (validate === undefined) {
    const own = form === 'sparse' ? sparse(closed(schema)) : closed(schema);
    validate = ajv.compile(pointingInto(form, own));
    compiled[form].set(schema, validate);
  }
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

const base = described.servers[0]?.url ?? '';
const places = Object.entries(described.paths).map(([path, item]) => {
  const prefix = Object.values(item).some((operation) => operation.servers !== undefined) ? '' : base;
  const pattern = (prefix + path).replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return { path, item, pattern: new RegExp(`^${pattern}/?$`) };
});

/** The place in the document that an address belongs to. */
const placeOf = (address: string) => {
  const path = address.replace(/[?#].*$/, '');
  return (
    places.find(({ path: known, pattern }) => !known.includes('{') && pattern.test(path)) ??
    places.find(({ pattern }) => pattern.test(path))
  );
};

/** What HTTP itself puts there, and what other origins are told, on every answer alike. */
const transport =
  /^(?:date|connection|keep-alive|content-length|content-type|content-encoding|transfer-encoding|access-control-.+)$/;

export interface Observed {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What every resource, and every address without one, answers beside what is described for it. */
function undescribedMethod({ method, status, headers, text }: Observed, known: boolean): string | null {
  if (method === 'OPTIONS' && status === 204) return null;
  if (known && status === 405 && !headers.has('allow')) return '405 without Allow';
  if (![400, 403, 406, known ? 405 : 404].includes(status)) return `${status} is not described`;
  return method === 'HEAD' ? null : faultOf({ $ref: '#/components/schemas/Problem' }, JSON.parse(text));
}

function headerFaults(answer: Described, headers: Headers): string[] {
  const faults: string[] = [];
  const described = new Set<string>();
  for (const [name, { $ref }] of Object.entries(answer.headers ?? {})) {
    described.add(name.toLowerCase());
    const header = componentOf($ref);
    const value = headers.get(name);
    if (value === null) {
      if (header.required === true) faults.push(`the header ${name} is missing`);
    } else {
      const fault = faultOf(header.schema, value);
      if (fault !== null) faults.push(`the header ${name} is ${value}: ${fault}`);
    }
  }
  for (const [name] of headers)
    if (!described.has(name) && !transport.test(name)) faults.push(`the header ${name} is not described`);
  return faults;
}

function componentOf(reference: string) {
  const header = described.components.headers[reference.replace('#/components/headers/', '')];
  if (header === undefined) throw new Error(`${reference} leads nowhere.`);
  return header;
}

function bodyFaults(answer: Described, { method, address, headers, text }: Observed): string[] {
  const type = headers.get('content-type')?.split(';')[0] ?? null;
  if (type === null) return text === '' ? [] : ['a body without a type'];
  const described = answer.content?.[type];
  if (described === undefined) return [`the type ${type} is not described`];
  if (method === 'HEAD' || !type.endsWith('json') || described.schema === undefined) return [];
  const sparse = type === 'application/json' && new URLSearchParams(address.split('?')[1]).has('fields');
  const fault = faultOf(described.schema, JSON.parse(text), sparse ? 'sparse' : 'whole');
  return fault === null ? [] : [fault];
}

/** @throws Error that names everything in the answer that the document does not describe */
export function expectDescribed(observed: Observed): void {
  const { method, address, status, headers } = observed;
  const place = placeOf(address);
  const operation = place?.item[method === 'HEAD' ? 'get' : method.toLowerCase()];
  let faults: string[];
  if (operation === undefined) {
    const fault = undescribedMethod(observed, place !== undefined);
    faults = fault === null ? [] : [fault];
  } else {
    const answer = operation.responses[status];
    faults =
      answer === undefined
        ? [`the status ${status} is not described`]
        : [...headerFaults(answer, headers), ...bodyFaults(answer, observed)];
  }
  if (faults.length > 0)
    throw new Error(`${method} ${address} answered ${status}, and openapi.json says otherwise: ${faults.join('; ')}`);
}

/** @throws Error if a body that was accepted is not one that the document allows */
export function expectAllowed(method: string, address: string, status: number, body: unknown): void {
  const schema = placeOf(address)?.item[method.toLowerCase()]?.requestBody?.content['application/json'].schema;
  if (schema === undefined || status >= 300 || body === undefined) return;
  const fault = faultOf(schema, JSON.parse(typeof body === 'string' ? body : JSON.stringify(body)));
  if (fault !== null) throw new Error(`${method} ${address} took a body that openapi.json does not allow: ${fault}`);
}
