// How the `stripe` client's requests travel: its documented `httpClient` option, over undici. Over the client's own transport a call
// costs two thirds more CPU; that one repeats a request after a reset connection, and then tells only of the second attempt; and its
// timeout counts silence, so that an answer that drips never ends. This one sends once, ends in time, and says whether the request may
// have left.

import type Stripe from 'stripe';
import { type Dispatcher, Pool } from 'undici';

/** There is no answer. */
export class TransportFailure extends Error {
  /** Whether any of the request may have reached the other side. */
  readonly attempted: boolean;

  constructor(message: string, attempted: boolean, options?: ErrorOptions) {
    super(message, options);
    this.attempted = attempted;
  }
}

export interface Transport extends Stripe.HttpClient {
  /** Breaks off what is under way and closes every connection. */
  close(): void;
}

/** Connections kept open, and so requests under way at once; more wait for a connection within their own time. */
const connections = 64;

/** A transport to one server, named by scheme, host and port. It connects when it is first used. */
export function createTransport(origin: string): Transport {
  const pool = new Pool(origin, { connections });
  return {
    getClientName: () => 'undici',
    makeRequest: (_host, _port, path, method, headers, body, _protocol, timeout) =>
      new Promise((resolve, reject) => {
        // The deadline covers all that undici would time by itself, and the waiting before it.
        const options = {
          path,
          method,
          headers: flat(headers),
          body: body === '' ? null : body,
          headersTimeout: 0,
          bodyTimeout: 0,
        };
        pool.dispatch({ ...options, method: method === 'GET' ? 'GET' : 'POST' }, new Exchange(timeout, resolve, reject));
      }),
    close: () => void pool.destroy(),
  };
}

type Headers = Parameters<Stripe.HttpClient['makeRequest']>[4];

function flat(headers: Headers): string[] {
  const pairs: string[] = [];
  for (const name in headers) pairs.push(name, `${headers[name]}`);
  return pairs;
}

/** One request and its answer, which is read whole before anybody is told. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: Stripe.HttpClientResponse) => void;
  readonly #reject: (failure: TransportFailure) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #status = 0;
  #headers: Record<string, string | string[]> = {};
  #body: Buffer | null = null;

  constructor(
    timeout: number,
    resolve: (response: Stripe.HttpClientResponse) => void,
    reject: (failure: TransportFailure) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = setTimeout(() => {
      const failure = this.#fail(`no answer within ${timeout} ms`);
      this.#controller?.abort(failure);
    }, timeout);
  }

  /** A connection is there, and the request goes out next. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) controller.abort(new Error('too late'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers[name] = value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#body = this.#body === null ? piece : Buffer.concat([this.#body, piece]);
  }

  onResponseEnd(): void {
    clearTimeout(this.#deadline);
    this.#over = true;
    this.#resolve(new Received(this.#status, this.#headers, this.#body?.toString() ?? ''));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error.message === '' ? error.name : error.message, error);
  }

  #fail(message: string, cause?: Error): TransportFailure {
    clearTimeout(this.#deadline);
    this.#over = true;
    const failure = new TransportFailure(message, this.#controller !== null, { cause });
    this.#reject(failure);
    return failure;
  }
}

class Received implements Stripe.HttpClientResponse {
  readonly #status: number;
  readonly #headers: Record<string, string | string[]>;
  readonly #text: string;

  constructor(status: number, headers: Record<string, string | string[]>, text: string) {
    this.#status = status;
    this.#headers = headers;
    this.#text = text;
  }

  getStatusCode(): number {
    return this.#status;
  }

  getHeaders(): Record<string, string | string[]> {
    return this.#headers;
  }

  getRawResponse(): object {
    return { statusCode: this.#status };
  }

  toStream(): never {
    throw new Error('the answer has been read already');
  }

  async toJSON(): Promise<unknown> {
    return JSON.parse(this.#text);
  }
}
