// The payment simulator: an HTTP server that speaks the part of Stripe's API which the gateway adapter uses, over a durable ledger of
// its own. It stands in for the gateway in development, tests and demonstrations; it moves no money.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Api, type ApiAnswer, createApi } from './api.js';
import { ledgerLines, summarize } from './audit.js';
import { Books } from './books.js';
import { memoryLedger, openLedger } from './ledger.js';
import { authenticate, RequestError } from './requests.js';
import { type Asked, ConnectionLost, type Fault, type Times, usualTimes } from './wire.js';

export interface SimulatorOptions {
  /** Where the ledger lives; without it everything is forgotten at the end. */
  readonly dataDir?: string;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The only key to accept; without it, every `sk_test_…`. */
  readonly apiKey?: string;
  readonly log?: (message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly times?: Partial<Times>;
  /**
   * Asked about every request that is about to be carried out: what befalls it. `null` leaves it to the row of its payment method.
   * A repeat that is answered from its key is not carried out.
   */
  readonly fault?: (asked: Asked) => Fault | null;
}

export interface PaymentSimulator {
  readonly url: string;
  readonly port: number;
  /** Resolves with the reason if the ledger can no longer be written: every request then fails until a restart. Else never. */
  readonly failed: Promise<Error>;
  /** Answers what is under way, but for what is slow: that is given up, not begun. Then stops. */
  close(): Promise<void>;
}

const bodyLimit = 64 * 1024;
const tooLarge = new RequestError(413, { type: 'invalid_request_error', message: `A request may have ${bodyLimit} bytes.` });
const unknownPage: ApiAnswer = {
  status: 404,
  body: { error: { type: 'invalid_request_error', message: 'There is no such page.' } },
};

/**
 * Starts a simulator and resolves once it serves.
 * @throws Corrupt if its ledger is damaged; the error of `listen` (its code says which) if the port cannot be had
 */
export async function createPaymentSimulator(options: SimulatorOptions = {}): Promise<PaymentSimulator> {
  const { dataDir, host = '127.0.0.1', apiKey, log = () => {}, now = Date.now } = options;
  const books = new Books();
  const restore = (entry: unknown) => books.restore(entry, now());
  const ledger = dataDir === undefined ? memoryLedger() : await openLedger(join(dataDir, 'ledger.log'), { onEntry: restore, log });
  const stopping = new AbortController();
  const times = { ...usualTimes, ...options.times };
  const faulty = options.fault === undefined ? {} : { fault: options.fault };
  const api = createApi({ books, ledger, now, times, ...faulty, stopping: stopping.signal });
  const settings = { keepAliveTimeout: 75_000, headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

  const server = createServer(settings, (request, response) => {
    const { method, url = '' } = request;
    if (url.startsWith('/v1/')) withBody(request, response, (body) => answer(api, apiKey, request, body));
    else if (method === 'POST') withBody(request, response, (body) => api.control(url, body));
    else if (method !== 'GET') send(response, unknownPage);
    else {
      const shown = url.startsWith('/ledger') ? api.upToDate() : ledger.settled();
      shown.then(
        () => serveAudit(books, url, response),
        (error) => send(response, failure(error)),
      );
    }
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, host, () => resolve());
    });
  } catch (error) {
    await ledger.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    failed: ledger.failed,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort();
      await ledger.settled().catch(() => {});
      // What was answered just now leaves in this turn; idle connections hold nothing back.
      setImmediate(() => server.closeAllConnections());
      await closed;
      await ledger.close();
    },
  };
}

function withBody(request: IncomingMessage, response: ServerResponse, handle: (body: string) => Promise<ApiAnswer>): void {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
    request.resume();
    send(response, failure(tooLarge));
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    body += piece;
    if (body.length > bodyLimit) request.destroy();
  });
  request.on('end', () => {
    handle(body).then(
      (answer) => send(response, answer),
      (error) => (error instanceof ConnectionLost ? response.destroy() : send(response, failure(error))),
    );
  });
}

async function answer(api: Api, apiKey: string | undefined, request: IncomingMessage, body: string): Promise<ApiAnswer> {
  const { headers, method = '', url = '' } = request;
  authenticate(headers.authorization, apiKey);
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const key = headers['idempotency-key'];
  return api.handle({ method, path, query, body, idempotencyKey: typeof key === 'string' ? key : undefined });
}

function failure(error: unknown): ApiAnswer {
  if (error instanceof RequestError) return { status: error.status, body: { error: error.body } };
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { error: { type: 'api_error', message } } };
}

let requests = 0;
const requestIds = `req_${process.pid.toString(36)}${Date.now().toString(36)}`;

function send(response: ServerResponse, { status, body, replayed }: ApiAnswer): void {
  const text = JSON.stringify(body);
  const headers = ['Content-Type', 'application/json', 'Content-Length', `${Buffer.byteLength(text)}`];
  headers.push('Request-Id', `${requestIds}${(requests++).toString(36)}`);
  if (replayed === true) headers.push('Idempotent-Replayed', 'true');
  response.writeHead(status, headers);
  response.end(text);
}

function serveAudit(books: Books, url: string, response: ServerResponse): void {
  if (url === '/ledger') {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    Readable.from(ledgerLines(books.intents.values())).pipe(response);
  } else if (url === '/ledger/summary') send(response, { status: 200, body: summarize(books.intents.values()) });
  else if (url === '/health') send(response, { status: 200, body: { status: 'ok' } });
  else send(response, unknownPage);
}
