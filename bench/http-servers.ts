// The servers of the HTTP benchmark. All do the same work (the API's own routes, over a database and a log that are kept in memory and answer
// at once), so that what differs is what stands around it. One a process: node bench/http-servers.ts KIND.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import stockExpress from 'express';
import { idSource } from '../src/api/new-id.js';
import { readJsonBody } from '../src/api/rest/body.js';
import { inFlight } from '../src/api/rest/in-flight.js';
import { createRestApi, type RestDependencies } from '../src/api/rest/rest-api.js';
import type { Exchange, Route } from '../src/api/rest/route.js';
import { allRoutes } from '../src/api/rest/routes/all-routes.js';
import { renderAnswer } from '../src/api/rest/sending.js';
import type { Services } from '../src/api/rest/services.js';
import { createCommandHandler } from '../src/commands/command-handler.js';
import type { EventStore } from '../src/domain/log/event-store.js';
import type { OrderRow } from '../src/projections/orders/order-rows.js';

export const kinds = ['node:http', 'Panglot', 'Panglot, prototypes switched by express', 'stock express'] as const;
export type Kind = (typeof kinds)[number];

export const orderId = '0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5';
const at = new Date('2026-05-04T09:30:01.004Z');
const lines = [
  { line: 1, sku: '22465', description: 'HANGING METAL STAR LANTERN', quantity: 12, unitPrice: 165, amount: 1980, allocations: [] },
];
const row: OrderRow = {
  ...{ id: orderId, reference: 'web-10482', customer_id: '18211', status: 'CREATED', cancelling: false, currency: 'GBP' },
  ...{ total: 1980n, lines, payment_id: null, shipment: null, cancellation: null, attention: null },
  timeline: [{ status: 'CREATED', at: at.toISOString(), revision: 0, position: '5120' }],
  ...{ placed_at: at, created_at: at, updated_at: at, revision: 0, position: 5120n },
};
const page = Array.from({ length: 21 }, () => row);

let position = 0n;
const store = {
  append: async () => {
    position += 1n;
    return { outcome: 'appended', revision: 0, position };
  },
  async *readStream() {},
} as unknown as EventStore;

const never = () => Promise.reject(new Error('The benchmark does not ask for this.'));
const dependencies: RestDependencies = {
  store,
  handler: createCommandHandler(store),
  sql: {
    logId: 'bench',
    query: async <Row>(statement: unknown) => ({ rows: (typeof statement === 'string' ? page : [row]) as Row[], rowCount: 0 }),
  },
  progress: { reached: () => 1_000_000n, waitFor: async () => true, onAdvance: () => () => {} },
  head: async () => 0n,
  log: { warn() {}, error: (fields, message) => console.error(message, fields) },
  idempotencyKeys: { claimMs: 1_000, claim: never, renew: never, store: never, release: never, sweep: never },
  ...{ logId: 'bench', appVersion: 'bench', now: Date.now, newId: idSource(), minPositionWait: 0, readiness: [] },
  ...{
    waitingWork: async () => [],
    deliverWithin: 1,
    attentionAfter: 1,
    bodyLimit: 1_000_000,
    admission: () => ({ admitted: true }),
  },
};
const services: Services = {
  ...dependencies,
  settlement: { settled: async () => null },
  commandsInFlight: inFlight(512, 'commands'),
  queriesInFlight: inFlight(512, 'queries'),
  answerOnce: never,
};

const routeOf = (method: string, path: string): Route => {
  const route = allRoutes.find((one) => one.method === method && one.path === path);
  if (route === undefined) throw new Error(`There is no ${method} ${path}.`);
  return route;
};
const [place, list, byId] = [routeOf('post', '/orders'), routeOf('get', '/orders'), routeOf('get', '/orders/{id}')];

async function answer(route: Route, exchange: Pick<Exchange, 'params' | 'query' | 'headers' | 'body'>) {
  const given = await route.perform({ ...exchange, requestId: dependencies.newId(), principal: 'anonymous' }, services);
  return 'text' in given ? given : renderAnswer(given);
}

/** The floor: no framework, no routes to choose from but these three, nothing that is answered to every request. */
const bare: RequestListener = async (request, response) => {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const route = request.method === 'POST' ? place : path === '/api/v1/orders' ? list : byId;
  const params = route === byId ? { id: path.slice('/api/v1/orders/'.length) } : {};
  const body = () => readJsonBody(request, 1_000_000);
  const { status, headers, text } = await answer(route, { params, query, headers: request.headers, body });
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text ?? '') }).end(text);
};

/** Express as its guide has it. */
function stock(): RequestListener {
  const app = stockExpress();
  app.use(stockExpress.json());
  const handled =
    (route: Route): stockExpress.RequestHandler =>
    async (request, response) => {
      const query = request.url.split('?')[1] ?? '';
      const body = async () => request.body;
      const { status, headers, text } = await answer(route, { params: request.params, query, headers: request.headers, body });
      response.status(status).set(headers).send(text);
    };
  app.get('/api/v1/orders', handled(list));
  app.get('/api/v1/orders/:id', handled(byId));
  app.post('/api/v1/orders', handled(place));
  return app;
}

function serverOf(kind: Kind): Server {
  if (kind === 'node:http') return createServer(bare);
  if (kind === 'stock express') return createServer(stock());
  const { app } = createRestApi(dependencies);
  return kind === 'Panglot'
    ? createServer({ IncomingMessage: app.IncomingMessage, ServerResponse: app.ServerResponse }, app.listener)
    : createServer(app.listener);
}

const kind = kinds.find((one) => one === process.argv[2]);
if (kind !== undefined) {
  const server = serverOf(kind);
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
}
