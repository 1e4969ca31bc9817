// What an API request is made of: its key, its form fields, and the refusals that come before anything is carried out. Those are not
// kept under the idempotency key: nothing was begun.

import { parse } from 'node:querystring';

export interface ErrorBody {
  readonly type: 'invalid_request_error' | 'idempotency_error' | 'card_error' | 'api_error';
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly message: string;
  readonly charge?: string;
  readonly payment_intent?: object;
}

/** An answer that ends the request: Stripe's `{ error: … }` with its status. */
export class RequestError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

const invalid = (code: string, param: string, message: string): RequestError =>
  new RequestError(400, { type: 'invalid_request_error', code, param, message });

export const missing = (kind: string, param: string, id: string): RequestError =>
  new RequestError(param === 'intent' || param === 'id' ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    param,
    message: `No such ${kind}: '${id}'`,
  });

/** The fields of a form or a query, its metadata, and whether it asks for the charge to be expanded. */
export interface Form {
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly expandsCharge: boolean;
}

const nested = /^(metadata|expand|allowed_payment_method_types)\[([^\]]*)\]$/;
const expandable = new Set(['latest_charge', 'data.latest_charge']);

/** Reads a urlencoded form. @throws RequestError for a field that the operation does not know, or one that is given twice. */
export function readForm(text: string, allowed: ReadonlySet<string>): Form {
  const fields: Record<string, string> = Object.create(null);
  const metadata: Record<string, string> = Object.create(null);
  let expandsCharge = false;
  for (const [name, value] of Object.entries(parse(text))) {
    if (typeof value !== 'string') throw invalid('parameter_invalid_string', name, `The parameter ${name} may be given once.`);
    if (allowed.has(name)) {
      fields[name] = value;
      continue;
    }
    const [, outer = name, inner = ''] = nested.exec(name) ?? [];
    if (outer === 'metadata' && allowed.has('metadata')) metadata[inner] = value;
    else if (outer === 'expand' && expandable.has(value)) expandsCharge = true;
    else if (outer === 'allowed_payment_method_types' && allowed.has(outer) && value === 'card') continue;
    else throw invalid('parameter_unknown', outer, `Received unknown parameter: ${name}`);
  }
  return { fields, metadata, expandsCharge };
}

/** Its value. @throws RequestError if the field is not there. */
export function required(form: Form, name: string): string {
  const value = form.fields[name];
  if (value === undefined || value === '') throw invalid('parameter_missing', name, `Missing required param: ${name}.`);
  return value;
}

/** A positive amount of minor units, at most Stripe's eight digits; `null` if it is not there. @throws RequestError */
export function readAmount(form: Form, name: string): number | null {
  const value = form.fields[name];
  if (value === undefined) return null;
  if (!/^-?\d{1,15}$/.test(value)) throw invalid('parameter_invalid_integer', name, `Invalid integer: ${value}`);
  const amount = Number(value);
  if (amount < 1) throw invalid('parameter_invalid_integer', name, 'This value must be greater than or equal to 1.');
  if (amount > 99_999_999) throw invalid('amount_too_large', name, 'The amount must be no more than 99999999.');
  return amount;
}

/** An ISO 4217 code in lower case. @throws RequestError */
export function readCurrency(form: Form): string {
  const currency = required(form, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency)) throw invalid('invalid_currency', 'currency', `Invalid currency: ${currency}.`);
  return currency;
}

/** Accepts `Bearer` and `Basic` with the given key, or with any test key if none is given. @throws RequestError 401 */
export function authenticate(header: string | undefined, apiKey: string | undefined): void {
  const [scheme, credentials = ''] = header?.split(' ') ?? [];
  const key = scheme === 'Basic' ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '') : credentials;
  if (apiKey === undefined ? key.startsWith('sk_test_') : key === apiKey) return;
  const message = key === '' ? 'No API key was given.' : `Invalid API key provided: ${key.slice(0, 8)}***`;
  throw new RequestError(401, { type: 'invalid_request_error', message });
}
