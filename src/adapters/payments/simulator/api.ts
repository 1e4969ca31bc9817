// The simulator's requests, carried out: authentication, idempotency, the decision, the ledger, the answer. Nothing is answered, and
// nothing is shown to a later question, before it is durable.

import { hash } from 'node:crypto';
import { answerOf, type Books } from './books.js';
import type { Fact, Intent } from './intent.js';
import { lapse } from './intent.js';
import type { Ledger } from './ledger.js';
import { changeFor, questionFor } from './operations.js';
import { RequestError } from './requests.js';
import { type Answer, answerTo } from './resources.js';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly idempotencyKey: string | undefined;
}

export interface ApiAnswer extends Answer {
  readonly replayed?: boolean;
}

const unknownUrl = (method: string, path: string): RequestError =>
  new RequestError(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${method}: ${path}).` });

/** Tells one request from another: the operation and its parameters, in whatever order they come. */
const fingerprintOf = ({ path, body }: ApiRequest): string => hash('sha1', `${path}?${body.split('&').sort().join('&')}`, 'base64');

export interface Api {
  /** @throws RequestError for what is refused before it is begun; Unavailable if the ledger cannot be written */
  handle(request: ApiRequest): Promise<ApiAnswer>;
}

/** The API over these books, which are written through this ledger. `now` is in milliseconds since the epoch. */
export function createApi(books: Books, ledger: Ledger, now: () => number): Api {
  const underWay = new Set<string>();

  function record(at: number, fact: Fact, request: { key: string; fingerprint: string; expandsCharge: boolean } | null) {
    const entry = { at, fact, request };
    const intent = books.apply(entry, at);
    return { intent, durable: ledger.append(entry) };
  }

  /** The intent as it is now: the gateway may have cancelled it meanwhile. */
  function current(intentId: string, at: number): Intent | undefined {
    const intent = books.intents.get(intentId);
    const lapsed = intent === undefined ? null : lapse(intent, at);
    return lapsed === null ? intent : record(at, lapsed, null).intent;
  }

  async function change(request: ApiRequest): Promise<ApiAnswer> {
    const at = now();
    const key = request.idempotencyKey;
    const fingerprint = key === undefined ? '' : fingerprintOf(request);
    if (key !== undefined) {
      if (underWay.has(key)) throw keyInUse(key);
      const saved = books.saved(key, at);
      if (saved !== undefined && saved.fingerprint !== fingerprint) throw otherParameters(key);
      if (saved !== undefined) return { ...answerOf(saved), replayed: true };
    }
    const asked = changeFor(request.path, request.body);
    if (asked === null) throw unknownUrl(request.method, request.path);
    const { intentId, expandsCharge } = asked;
    const fact = asked.decide(current(intentId, at));
    const { intent, durable } = record(at, fact, key === undefined ? null : { key, fingerprint, expandsCharge });
    if (key !== undefined) underWay.add(key);
    try {
      await durable;
    } finally {
      if (key !== undefined) underWay.delete(key);
    }
    return answerTo(fact, intent, expandsCharge);
  }

  async function question(request: ApiRequest): Promise<ApiAnswer> {
    const asked = questionFor(request.path, request.query);
    if (asked === null) throw unknownUrl(request.method, request.path);
    current(asked.intentId, now());
    const body = asked.answer(books);
    await ledger.settled();
    return { status: 200, body };
  }

  return {
    handle(request) {
      if (request.method === 'POST') return change(request);
      if (request.method === 'GET') return question(request);
      return Promise.reject(unknownUrl(request.method, request.path));
    },
  };
}

const keyInUse = (key: string): RequestError =>
  new RequestError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `Another request with the idempotency key '${key}' is still being carried out.`,
  });

const otherParameters = (key: string): RequestError =>
  new RequestError(400, {
    type: 'idempotency_error',
    message: `The idempotency key '${key}' was first used with other parameters.`,
  });
