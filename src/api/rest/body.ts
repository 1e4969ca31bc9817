// Reads a request's body: JSON in UTF-8, up to a limit. What it means is the schema's matter.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { duplicateMember } from './json-duplicate.js';
import { placeOfFault } from './json-fault.js';
import { Problem } from './problem.js';
import { pointerTo } from './validation.js';

const json = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const tooLarge = (limit: number) => new Problem('body-too-large', `A body may have at most ${limit} bytes.`);

/** Whatever is left unread is read on and thrown away by the server, until its time for receiving a request is over. */
function bytesOf(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge(limit));
      }
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => reject(new Problem('malformed-request', 'The request broke off.')));
    request.on('close', () => {
      if (!request.complete) reject(new Problem('malformed-request', 'The request broke off.'));
    });
  });
}

function parse(text: string): unknown {
  const value = parsed(text);
  const twice = duplicateMember(text, value);
  if (twice === null) return value;
  const pointer = pointerTo(twice);
  throw new Problem('malformed-request', `${pointer} is given twice: which one counts would be a guess.`, {
    errors: [{ pointer, code: 'duplicate_member', detail: 'is given twice' }],
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, column } = placeOfFault(text);
    throw new Problem('malformed-request', `The body is not JSON: see line ${line}, column ${column}.`, {
      errors: [{ pointer: '#', code: 'malformed_json', detail: `is not JSON at line ${line}, column ${column}` }],
      cause,
    });
  }
}

/**
 * The body's JSON; `undefined` if there is none.
 * @throws Problem 413, 415, or 400 `malformed-request` with the place, for a member that is given twice too
 */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const {
    'content-length': announced,
    'transfer-encoding': chunked,
    'content-type': type,
    'content-encoding': coding,
  } = request.headers;
  if (chunked === undefined && (announced === undefined || Number(announced) === 0)) return undefined;
  if (announced !== undefined && Number(announced) > limit) throw tooLarge(limit);
  if (coding !== undefined && coding !== 'identity')
    throw new Problem('media-type-unsupported', `A body with Content-Encoding ${coding} is not understood.`, {
      headers: { 'Accept-Encoding': 'identity' },
    });
  if (type !== 'application/json' && !json.test(type ?? ''))
    throw new Problem('media-type-unsupported', 'A body must be application/json in UTF-8.', {
      headers: { Accept: 'application/json' },
    });
  const bytes = await bytesOf(request, limit);
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes))
    throw new Problem('malformed-request', 'The body is not UTF-8.', {
      errors: [{ pointer: '#', code: 'malformed_text', detail: 'is not UTF-8' }],
    });
  return parse(bytes.toString('utf8'));
}
