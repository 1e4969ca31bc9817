// The headers of answers in the OpenAPI document: what each one says, and which answers carry it.

import type { Route } from '../route.js';
import { takesKey } from '../route.js';

export interface DescribedHeader {
  readonly description: string;
  readonly schema: { readonly type: 'string'; readonly pattern?: string; readonly enum?: string[] };
  readonly example: string;
}

const text = (description: string, example: string, pattern?: string): DescribedHeader => ({
  description,
  schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
  example,
});

const exactly = (description: string, value: string): DescribedHeader => ({
  description,
  schema: { type: 'string', enum: [value] },
  example: value,
});

const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

export const answerHeaders = {
  'Request-Id': text('The id of this request: name it when you ask about it.', '0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5', uuid),
  'Panglot-Position': text(
    'A position of the log. A read that asks for it as Panglot-Min-Position shows what this answer shows.',
    'k3f9:5131',
    '^[a-z0-9]{4,16}:\\d{1,19}$',
  ),
  ETag: text(
    'The strong tag of this representation: its revision, or a word for its bytes; with the coding behind it if it is compressed.',
    '"7"',
    '^"[^"]+"$',
  ),
  'Cache-Control': text(
    'Who may keep the answer: nobody but the caller, who has to ask again, or nobody at all.',
    'private, no-cache',
  ),
  Vary: text('The request headers that the answer depends on.', 'Accept, Authorization'),
  Location: text('The address of what was made.', '/api/v1/orders/0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5', '^/'),
  'Preference-Applied': text('Present if `Prefer: wait=n` was given: what was done about it.', 'wait=10', '^wait=\\d{1,2}$'),
  'Idempotency-Replayed': exactly(
    'Present if this request was answered before, under its Idempotency-Key: this is that answer.',
    'true',
  ),
  'Retry-After': text('The seconds after which to come again.', '1', '^\\d+$'),
  Allow: text('The methods that the resource takes.', 'GET, HEAD, OPTIONS', '^[A-Z]+(, [A-Z]+)*$'),
  Accept: text('The type that a body may have.', 'application/json'),
  'Accept-Encoding': text('The encodings that a body may have.', 'identity'),
  'Content-Security-Policy': text('What a page may load: nothing from outside.', "default-src 'self'"),
  'X-Content-Type-Options': exactly('The type is what Content-Type says.', 'nosniff'),
  'Referrer-Policy': exactly('A page tells nobody where it was.', 'no-referrer'),
} satisfies Record<string, DescribedHeader>;

export type AnswerHeader = keyof typeof answerHeaders;

/** Headers of an answer by name: whether each one is there always. */
export type Carried = Partial<Record<AnswerHeader, 'always' | 'perhaps'>>;

/** What every answer carries. */
export const everywhere: Carried = { 'Request-Id': 'always', Vary: 'always', 'Cache-Control': 'always' };

/** The statuses of what a command refuses for good, which is kept under its key. */
const kept: readonly number[] = [404, 405, 409, 412, 413, 415, 422];

/** Whether the answers of a route have entity tags. */
export type Tagged = (route: Route) => boolean;

/** What a success of the route carries. */
export function successHeaders(route: Route, status: number, tagged: Tagged): Carried {
  return {
    ...everywhere,
    'Panglot-Position': 'always',
    ...(tagged(route) ? { ETag: 'always' } : {}),
    ...(status === 201 ? { Location: 'always' } : {}),
    ...('Prefer' in route.headers.shape && route.kind === 'command' ? { 'Preference-Applied': 'perhaps' } : {}),
    ...(takesKey(route) ? { 'Idempotency-Replayed': 'perhaps' } : {}),
  };
}

/** What a problem of the route carries. */
export function problemHeaders(route: Route, status: number): Carried {
  return {
    ...everywhere,
    ...(route.kind === 'read' && status === 404 ? { 'Panglot-Position': 'always' } : {}),
    ...(route.kind === 'read' && status === 503 ? { 'Panglot-Position': 'perhaps' } : {}),
    ...(status === 415 ? { Accept: 'perhaps', 'Accept-Encoding': 'perhaps' } : {}),
    ...(status === 503 ? { 'Retry-After': 'always' } : {}),
    ...(takesKey(route) && status === 409 ? { 'Retry-After': 'perhaps' } : {}),
    ...(takesKey(route) && kept.includes(status) ? { 'Idempotency-Replayed': 'perhaps' } : {}),
  };
}
