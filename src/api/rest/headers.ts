// The request headers that mean something here, read one by one; each that is not understood is refused by name.

import type { IncomingHttpHeaders } from 'node:http';
import { parameterProblem } from './problem.js';

const longestWait = 30;

/** RFC 7240: preferences are parted by commas; those that are unknown here are passed over. */
const waitPreference = /^wait\s*=\s*"?(.*?)"?$/i;

/** The seconds of `Prefer: wait=n`; `null` without it. @throws Problem */
export function preferredWait(headers: IncomingHttpHeaders): number | null {
  const { prefer } = headers;
  if (prefer === undefined) return null;
  for (const preference of String(prefer).split(/[,;]/)) {
    const seconds = waitPreference.exec(preference.trim())?.[1];
    if (seconds === undefined) continue;
    if (!/^\d{1,2}$/.test(seconds) || Number(seconds) > longestWait)
      throw parameterProblem('header', 'Prefer', `must have a wait of 0 to ${longestWait} whole seconds`);
    return Number(seconds);
  }
  return null;
}

/** W3C Trace Context; one that is malformed is as good as none (its own rule). */
export function traceparent(headers: IncomingHttpHeaders): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent)
    ? traceparent
    : undefined;
}

const longestKey = 255;

/** A string of RFC 8941 (3.3.3), its quotes included. */
const quotedKey = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** Without a comma, which a header that is given twice is joined with, and a quote, which has to be closed. */
const bareKey = /^[ !#-+\--~]*$/;

/** The key of `Idempotency-Key`, quoted or bare: both mean the same one. `null` without it. @throws Problem */
export function idempotencyKey(headers: IncomingHttpHeaders): string | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  const text = String(given);
  const key = quotedKey.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? (bareKey.test(text) ? text : null);
  if (key === null || key.length === 0 || key.length > longestKey)
    throw parameterProblem(
      'header',
      'Idempotency-Key',
      `must be given once, with 1 to ${longestKey} printable characters of ASCII; one with a comma or a quote must be quoted`,
    );
  return key;
}

/** A method that does the same however often it is sent takes no key, and must not seem to keep an answer under one. @throws Problem */
export function refuseIdempotencyKey(headers: IncomingHttpHeaders): void {
  if (headers['idempotency-key'] !== undefined)
    throw parameterProblem('header', 'Idempotency-Key', 'is for POST: a PUT can be sent again as it is');
}

/** Whether JSON may be answered (RFC 9110, 12.5.1). */
export function acceptsJson(headers: IncomingHttpHeaders): boolean {
  const { accept } = headers;
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return true;
  const quality = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    quality.set(type, q === undefined ? 1 : Number(q.slice(2)));
  }
  const most = ['application/json', 'application/*', '*/*'].find((type) => quality.has(type));
  return most !== undefined && quality.get(most) !== 0;
}
