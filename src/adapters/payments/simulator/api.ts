// The simulator's requests, carried out: idempotency, what befalls a request on its way, the decision, the ledger, the answer. Nothing
// is answered, and nothing is shown to a later question, before it is durable.

import { hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { answerOf, type Books, type Entry } from './books.js';
import { type Control, controlFor } from './controls.js';
import { type Intent, lapse } from './intent.js';
import type { Ledger } from './ledger.js';
import { methodOf } from './methods.js';
import { type Change, changeFor, questionFor } from './operations.js';
import { RequestError } from './requests.js';
import { type Answer, answerTo, brokenDown } from './resources.js';
import { type Asked, ConnectionLost, type Fault, faultOf, type Times } from './wire.js';

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

export interface ApiParts {
  readonly books: Books;
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly times: Times;
  /** What befalls a request; `null` leaves it to the row of its payment method. */
  readonly fault?: (asked: Asked) => Fault | null;
  /** Once it is aborted, what is slow is given up. */
  readonly stopping: AbortSignal;
}

export interface Api {
  /**
   * Stripe's part.
   * @throws RequestError for what is refused before it is begun; ConnectionLost; Unavailable if the ledger cannot be written
   */
  handle(request: ApiRequest): Promise<ApiAnswer>;
  /** The simulator's own. @throws RequestError; Unavailable */
  control(path: string, body: string): Promise<ApiAnswer>;
  /** Writes down what has come due meanwhile, and resolves once all that was done is durable. @throws Unavailable */
  upToDate(): Promise<void>;
}

const unknownUrl = (method: string, path: string): RequestError =>
  new RequestError(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${method}: ${path}).` });

/** Tells one request from another: the operation and its parameters, in whatever order they come. */
const fingerprintOf = ({ path, body }: ApiRequest): string => hash('sha1', `${path}?${body.split('&').sort().join('&')}`, 'base64');

/** The API over these books, which are written through this ledger. */
export function createApi({ books, ledger, now, times, fault, stopping }: ApiParts): Api {
  const underWay = new Set<string>();

  function record(at: number, fact: Entry['fact'], request: Entry['request']): Promise<void> {
    const entry = { at, fact, request };
    books.apply(entry, at);
    return ledger.append(entry);
  }

  /** The intent as it is now: the gateway may have cancelled it meanwhile, or a bank have settled its refunds. */
  function current(intentId: string, at: number): Intent | undefined {
    for (;;) {
      const intent = books.intents.get(intentId);
      const lapsed = intent === undefined ? null : lapse(intent, at, times.refundSettlesMs);
      if (lapsed === null) return intent;
      record(at, lapsed, null).catch(() => {}); // Whoever asks waits for all of the ledger, and is told.
    }
  }

  /** What befalls the request. Waits out what is slow. @throws ConnectionLost if it never arrives */
  async function underFault(asked: Asked, method: string | null, at: number): Promise<Fault | null> {
    const intent = books.intents.get(asked.intentId);
    const named = method ?? intent?.method;
    const age = at - (intent?.createdAt ?? at);
    const byRow = () => (named === undefined ? null : faultOf(methodOf(named), asked.operation, age, times));
    const befalls = fault?.(asked) ?? byRow();
    if (befalls === 'request-lost') throw new ConnectionLost();
    if (befalls === 'slow') await pause();
    return befalls;
  }

  async function pause(): Promise<void> {
    await setTimeout(times.slowMs, undefined, { signal: stopping }).catch(() => {
      throw new ConnectionLost();
    });
  }

  async function change(request: ApiRequest): Promise<ApiAnswer> {
    const at = now();
    const { idempotencyKey: key = null } = request;
    const fingerprint = key === null ? '' : fingerprintOf(request);
    if (key !== null) {
      if (underWay.has(key)) throw keyInUse(key);
      const saved = books.saved(key, at);
      if (saved !== undefined && saved.fingerprint !== fingerprint) throw otherParameters(key);
      if (saved !== undefined) return { ...answerOf(saved), replayed: true };
    }
    const asked = changeFor(request.path, request.body);
    if (asked === null) throw unknownUrl(request.method, request.path);
    if (key !== null) underWay.add(key);
    try {
      const { operation, intentId, method } = asked;
      const befalls = await underFault({ operation, intentId, idempotencyKey: key }, method, at);
      const answer = await carryOut(asked, befalls, key, fingerprint);
      if (befalls === 'reply-lost') throw new ConnectionLost();
      return answer;
    } finally {
      if (key !== null) underWay.delete(key);
    }
  }

  async function carryOut(asked: Change, befalls: Fault | null, key: string | null, fingerprint: string): Promise<Answer> {
    const { expandsCharge } = asked;
    const brokeDown = befalls === 'error-done' || befalls === 'error-not-done';
    const request = key === null ? null : { key, fingerprint, expandsCharge, brokeDown };
    if (befalls === 'error-not-done') {
      await record(now(), null, request);
      return brokenDown;
    }
    const answer = await perform(asked, request, expandsCharge);
    return brokeDown ? brokenDown : answer;
  }

  /** Decides on the intent as it is now, writes down what that comes to, and answers with it. */
  async function perform({ intentId, decide }: Control, request: Entry['request'], expandsCharge: boolean): Promise<Answer> {
    const at = now();
    const fact = decide(current(intentId, at));
    const durable = record(at, fact, request);
    const intent = books.intent(intentId);
    await durable;
    return answerTo(fact, intent, expandsCharge);
  }

  async function question(request: ApiRequest): Promise<ApiAnswer> {
    const asked = questionFor(books, request.path, request.query);
    if (asked === null) throw unknownUrl(request.method, request.path);
    const { operation, intentId } = asked;
    const befalls = await underFault({ operation, intentId, idempotencyKey: null }, null, now());
    if (befalls === 'reply-lost') throw new ConnectionLost();
    if (befalls === 'error-done' || befalls === 'error-not-done') return brokenDown;
    current(intentId, now());
    const body = asked.answer();
    await ledger.settled();
    return { status: 200, body };
  }

  return {
    handle(request) {
      if (request.method === 'POST') return change(request);
      if (request.method === 'GET') return question(request);
      return Promise.reject(unknownUrl(request.method, request.path));
    },

    async control(path, body) {
      const asked = controlFor(books, path, body);
      if (asked === null) throw unknownUrl('POST', path);
      return perform(asked, null, false);
    },

    async upToDate() {
      const at = now();
      for (const id of books.intents.keys()) current(id, at);
      await ledger.settled();
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
