// The REST API as an application that can be served: every request comes in here and goes out here. What a route does is in its row.

import type { ServerResponse } from 'node:http';
import type { Express, NextFunction, Request, Response } from 'express';
import { corsFor } from '../access/cors.js';
import type { Admission } from '../access/local-only.js';
import { anonymous } from '../access/operations.js';
import { createExpressApp, type HttpApp } from '../http/express-app.js';
import { type PageRequest, pagesOf } from '../pages/pages.js';
import type { PlatformFacts } from '../pages/start-page.js';
import type { Answer, Rendered } from './answer.js';
import { readJsonBody } from './body.js';
import { acceptsJson } from './headers.js';
import { type ReadinessCheck, readiness } from './health.js';
import { answeringOnce } from './idempotency.js';
import type { IdempotencyKeys } from './idempotency-keys.js';
import { inFlight } from './in-flight.js';
import type { Log } from './log.js';
import { openApiDocument } from './openapi.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';
import { allRoutes } from './routes/all-routes.js';
import { sendAnswer, sendProblem } from './sending.js';
import type { Services } from './services.js';
import { watchSettlements } from './settlement.js';

export interface RestDependencies extends Omit<Services, 'settlement' | 'commandsInFlight' | 'queriesInFlight' | 'answerOnce'> {
  readonly log: Log;
  readonly idempotencyKeys: IdempotencyKeys;
  /** A new UUIDv7: the id of a request. */
  readonly newId: () => string;
  /** Who may reach the API at all. */
  readonly admission: Admission;
  /** Whose pages may call it from a browser. */
  readonly corsOrigins?: readonly string[];
  readonly readiness: readonly ReadinessCheck[];
  /** Bytes. */
  readonly bodyLimit: number;
  /** How many commands, and how many queries, are worked on at a time. */
  readonly commandLimit?: number;
  readonly queryLimit?: number;
  /** What the start page tells of the platform. Default: that it has just been started, of parts that are not known. */
  readonly facts?: PlatformFacts;
  /** Adds what is served beside the API. */
  readonly mount?: (express: Express) => void;
}

export interface RestApi {
  readonly app: HttpApp;
  /** Answers everybody who waits for an order to be settled with what is: for when the server closes. */
  endWaits(): void;
}

const base = '/api/v1';
const mostInFlight = 512;

const allowed = (routes: readonly Route[]): string =>
  [...new Set(routes.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))), 'OPTIONS'].join(', ');

/** The query string of an address, without the question mark. */
function queryIn(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}

/** Makes the application; it answers as soon as it is served. */
export function createRestApi(dependencies: RestDependencies): RestApi {
  const { log, admission, bodyLimit, newId, commandLimit = mostInFlight, queryLimit = mostInFlight, mount } = dependencies;
  const { sql, progress, idempotencyKeys: keys, logId } = dependencies;
  const settlement = watchSettlements(sql, progress);
  const commandsInFlight = inFlight(commandLimit, 'commands');
  const services: Services = {
    ...dependencies,
    settlement,
    commandsInFlight,
    answerOnce: answeringOnce({ keys, logId, room: commandsInFlight, log }),
    queriesInFlight: inFlight(queryLimit, 'queries'),
  };
  const cors = corsFor(dependencies.corsOrigins ?? []);
  const vary = `Accept, Accept-Encoding, Authorization${cors.varies ? ', Origin' : ''}`;
  const { express, http } = createExpressApp();
  const idOf = (response: ServerResponse): string => String(response.getHeader('Request-Id'));
  const fail = (response: ServerResponse, error: unknown) => sendProblem(response, error, idOf(response), log);

  express.use((request: Request, response: Response, next: NextFunction) => {
    // A Request-Id that comes in is passed over: this one becomes the id of a command, which has to be unique. A caller's own trace is
    // told by its traceparent, which goes into the events.
    response.setHeader('Request-Id', newId());
    response.setHeader('Vary', vary);
    const granted = cors.headersFor(request.headers);
    for (const name in granted) response.setHeader(name, granted[name] ?? '');
    const admitted = admission(request.headers);
    if (admitted.admitted) next();
    else fail(response, new Problem('forbidden', admitted.why));
  });

  const performed = (route: Route) => async (request: Request, response: Response) => {
    try {
      if (!acceptsJson(request.headers)) throw new Problem('not-acceptable', 'Answers are application/json.');
      const answer = await route.perform(
        {
          params: request.params,
          query: queryIn(request.url),
          headers: request.headers,
          body: () => readJsonBody(request, bodyLimit),
          requestId: idOf(response),
          principal: anonymous,
        },
        services,
      );
      sendAnswer(response, answer);
    } catch (error) {
      fail(response, error);
    }
  };
  const otherwise = (allow: string) => (request: Request, response: Response) => {
    if (request.method === 'OPTIONS') response.writeHead(204, { Allow: allow, ...cors.preflight(request.headers, allow) }).end();
    else
      fail(
        response,
        new Problem('method-not-allowed', `${request.method} is not allowed here; ${allow} are.`, { headers: { Allow: allow } }),
      );
  };
  for (const path of new Set(allRoutes.map((route) => route.path))) {
    const those = allRoutes.filter((route) => route.path === path);
    const place = express.route(base + path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of those) place[route.method](performed(route));
    place.all(otherwise(allowed(those)));
  }

  let document: object | undefined;
  const describe = () => {
    document ??= openApiDocument(allRoutes, services.appVersion);
    return document;
  };
  const serve = (path: string, answer: (request: PageRequest) => Answer | Rendered | Promise<Answer>) =>
    express
      .route(path)
      .get(async (request: Request, response: Response) => {
        try {
          sendAnswer(response, await answer(request));
        } catch (error) {
          fail(response, error);
        }
      })
      .all(otherwise('GET, HEAD, OPTIONS'));
  const json = (body: unknown, status = 200): Answer => ({ status, headers: { 'Cache-Control': 'no-cache' }, body });
  serve(`${base}/openapi.json`, () => json(describe()));
  serve('/livez', () => json({ status: 'ALIVE' }));
  serve('/readyz', async () => {
    const body = await readiness(dependencies.readiness);
    return json(body, body.status === 'READY' ? 200 : 503);
  });
  const facts = dependencies.facts ?? { startedAt: new Date(services.now()), parts: [] };
  for (const { path, answer } of pagesOf({ version: services.appVersion, logId, facts, document: describe })) serve(path, answer);
  mount?.(express);

  express.use((_request: Request, response: Response) => {
    fail(response, new Problem('not-found', 'There is nothing at this address.'));
  });
  // Express tells an error handler by its four parameters.
  express.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => fail(response, error));
  return { app: http, endWaits: () => settlement.endAll() };
}
