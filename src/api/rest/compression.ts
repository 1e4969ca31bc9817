// Compresses what is large enough to be worth it, in a coding that the client accepts (RFC 9110, 12.5.3).

import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';

/** Below that a packet is not even full. */
const worthIt = 1024;

const codings = ['br', 'gzip', 'identity'] as const;
export type Coding = Exclude<(typeof codings)[number], 'identity'>;

const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const toGzip = promisify<string, Buffer>(gzip);
const toBrotli = promisify<string, typeof quality, Buffer>(brotliCompress);

/** Clients send a few headers only, and to read one costs more than to remember what it means. */
const known = new Map<string, Coding | null>();
const mostKnown = 100;

function accepted(header: string): Coding | null {
  const before = known.get(header);
  if (before !== undefined) return before;
  const [best] = new Negotiator({ headers: { 'accept-encoding': header } }).encodings([...codings]);
  const coding = best === 'br' || best === 'gzip' ? best : null;
  if (known.size < mostKnown && header.length < 200) known.set(header, coding);
  return coding;
}

/** The coding in which a text of that length goes out; `null` for its own bytes. */
export const codingFor = (acceptEncoding: string | undefined, length: number): Coding | null =>
  acceptEncoding === undefined || length < worthIt ? null : accepted(acceptEncoding);

/** The text in a coding; off the thread that answers requests. */
export const encoded = (text: string, coding: Coding): Promise<Buffer> =>
  coding === 'gzip' ? toGzip(text) : toBrotli(text, quality);
