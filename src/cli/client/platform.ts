// The REST API of a running platform as a command sees it: kept-alive connections, and every request asked again until its answer
// is definite. That is safe because each of them is the same request however often it arrives.

import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Unavailable } from '../../domain/log/errors.js';

/** A definite answer: done, or refused for good. */
export interface Answer {
  readonly status: number;
  /** The log position that a write reached or a read shows. */
  readonly position: string | null;
  readonly body: unknown;
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  /** Seconds to wait until an order that is placed is CONFIRMED or CANCELLED. */
  readonly wait?: number;
  /** Show at least this position. */
  readonly minPosition?: string | null;
  /** Instead of the platform's; 0: ask once. */
  readonly patience?: number;
}

export interface PlatformOptions {
  readonly url: string;
  /** Connections at most. */
  readonly concurrency: number;
  /** Milliseconds for which one request is asked again before the platform is called unavailable. */
  readonly patience: number;
  /** Cuts what is under way. */
  readonly signal: AbortSignal;
}

export interface Platform {
  /**
   * Asks until there is a definite answer.
   * @throws {Unavailable} if there was none within the patience; the signal's reason if it was aborted.
   */
  ask(question: Question): Promise<Answer>;
  /** Whether anybody listens. @throws {Unavailable} at once if nobody does. */
  greet(): Promise<void>;
  /** How often a request was asked again. */
  retries(): number;
  close(): void;
}

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** An answer may take this long between two bytes, in milliseconds. */
const silence = 30_000;
const firstBackoff = 100;
const longestBackoff = 5_000;

const tryLater = new Set([408, 425, 429, 500, 502, 503, 504]);
const conflict = z.object({ code: z.literal('conflict') });

const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Milliseconds to wait by Retry-After (RFC 9110: seconds or a date); without it, doubled each time and spread. */
function backoff(retryAfter: string | undefined, attempt: number): number {
  const spread = 0.5 + Math.random();
  if (retryAfter === undefined) return Math.min(firstBackoff * 2 ** attempt, longestBackoff) * spread;
  const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Math.max(0, asked || 0) + firstBackoff * spread;
}

/** Opens no connection yet: each is opened when it is needed and kept until `close`. */
export function connectPlatform({ url, concurrency, patience, signal }: PlatformOptions): Platform {
  const base = new URL(url);
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: concurrency });
  const root = base.pathname.replace(/\/+$/, '');
  let retries = 0;

  setMaxListeners(0, signal);
  const cut = () => agent.destroy();
  signal.addEventListener('abort', cut, { once: true });

  const exchange = (method: string, path: string, headers: http.OutgoingHttpHeaders, body: string | undefined) =>
    new Promise<Reply>((resolve, reject) => {
      const target = new URL(`${root}${path}`, base);
      const request = transport.request(target, { method, agent, headers, timeout: silence }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${silence / 1_000} s`)));
      request.on('error', reject);
      request.end(body);
    });

  async function ask({ method, path, body, wait, minPosition, patience: allowed = patience }: Question): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: http.OutgoingHttpHeaders = { accept: 'application/json' };
    if (payload !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    if (wait !== undefined) headers.prefer = `wait=${wait}`;
    if (minPosition != null) headers['panglot-min-position'] = minPosition;
    const until = performance.now() + allowed;
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      let trouble: string;
      let retryAfter: string | undefined;
      try {
        const reply = await exchange(method, `/api/v1${path}`, headers, payload);
        const answer = parsed(reply.text);
        if (!tryLater.has(reply.status) && !(reply.status === 409 && conflict.safeParse(answer).success)) {
          const position = reply.headers['panglot-position'];
          return { status: reply.status, position: typeof position === 'string' ? position : null, body: answer };
        }
        trouble = `it answers ${reply.status}`;
        retryAfter = reply.headers['retry-after'];
      } catch (error) {
        trouble = reasonOf(error);
      }
      signal.throwIfAborted();
      const pause = backoff(retryAfter, attempt);
      if (performance.now() + pause > until)
        throw new Unavailable(
          `${method} ${path} at ${url} had no definite answer for ${Math.round(allowed / 1_000)} s: ${trouble}.`,
        );
      retries++;
      await delay(pause, undefined, { signal });
    }
  }

  return {
    ask,
    async greet() {
      try {
        await exchange('GET', '/livez', {}, undefined);
      } catch (error) {
        signal.throwIfAborted();
        throw new Unavailable(
          `No platform answers at ${url}: ${reasonOf(error)}. Start one with \`npm start\`, or name another with --url.`,
        );
      }
    },
    retries: () => retries,
    close() {
      signal.removeEventListener('abort', cut);
      agent.destroy();
    },
  };
}
