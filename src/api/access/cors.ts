// Which pages of other origins may call the API from a browser (the CORS protocol of the Fetch standard). Credentials are never in a
// cookie here, so none are asked for.

import type { IncomingHttpHeaders } from 'node:http';

/** What a page may read of an answer, beside what every page may. */
const exposed = [
  ...['Request-Id', 'ETag', 'Panglot-Position', 'Location', 'Vary', 'Allow', 'Accept', 'Retry-After', 'Preference-Applied'],
  ...['Idempotency-Replayed', 'RateLimit-Policy', 'RateLimit', 'Content-Encoding', 'Content-Length'],
].join(', ');

/** What a page may send. */
const taken = [
  ...['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Panglot-Min-Position', 'Prefer'],
  'traceparent',
].join(', ');

/** As long as browsers keep it at most. */
const preflightSeconds = '7200';

export interface Cors {
  /** Whether answers depend on the Origin at all. */
  readonly varies: boolean;
  /** What every answer to this request carries. */
  headersFor(headers: IncomingHttpHeaders): Readonly<Record<string, string>>;
  /** What the answer to a preflight carries beside that; nothing if the request is none, or of an origin that is not allowed. */
  preflight(headers: IncomingHttpHeaders, methods: string): Readonly<Record<string, string>>;
}

const nothing = {};

/** Lets pages of these origins in. */
export function corsFor(origins: readonly string[]): Cors {
  const allowed: ReadonlySet<string | undefined> = new Set(origins);
  return {
    varies: allowed.size > 0,
    headersFor: ({ origin }) =>
      origin !== undefined && allowed.has(origin)
        ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': exposed }
        : nothing,
    preflight: ({ origin, 'access-control-request-method': method }, methods) =>
      method !== undefined && allowed.has(origin)
        ? {
            'Access-Control-Allow-Methods': methods,
            'Access-Control-Allow-Headers': taken,
            'Access-Control-Max-Age': preflightSeconds,
          }
        : nothing,
  };
}
