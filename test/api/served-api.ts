// The REST API over real HTTP with everything behind it that it needs: the event node over the wire, PostgreSQL, a projector, the command
// handler. No process manager: orders go as far as the test takes them.

import { v7 as uuid7 } from 'uuid';
import { logHead } from '../../src/adapters/eventstore/head.js';
import { identifyLog } from '../../src/adapters/eventstore/log-identity.js';
import { checkpointMigrations, postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { type Database, openPostgres } from '../../src/adapters/postgres/database.js';
import { idempotencyKeyMigrations, postgresIdempotencyKeys } from '../../src/adapters/postgres/idempotency-keys.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { localOnly } from '../../src/api/access/local-only.js';
import { serveHttp } from '../../src/api/http/server.js';
import { idSource } from '../../src/api/new-id.js';
import { createRestApi, type RestDependencies } from '../../src/api/rest/rest-api.js';
import { type CommandHandler, createCommandHandler } from '../../src/commands/command-handler.js';
import { openMainWarehouse } from '../../src/commands/main-warehouse.js';
import { streamPrefixes } from '../../src/domain/event-catalogue.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import { type OrderCommand, order } from '../../src/domain/order/order.js';
import { readModelMigrations, readModels } from '../../src/projections/read-models.js';
import { createProgress } from '../../src/projections/runtime/progress.js';
import { startProjector } from '../../src/projections/runtime/projector.js';
import { sqlOf } from '../../src/projections/sql.js';
import { freshDatabase } from '../support/database.js';
import { expectAllowed, expectDescribed } from '../support/described.js';
import { freshEventStore } from '../support/event-store.js';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** One process that serves the API. */
export interface ServedProcess {
  readonly url: string;
  readonly port: number;
  readonly handler: CommandHandler;
  /** What was logged as an error. */
  readonly errors: readonly string[];
  /** Fails if the answer is not one that the OpenAPI document describes. */
  ask<Body>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<Body>>;
  close(): Promise<void>;
}

export interface ServedApi extends ServedProcess {
  readonly logId: string;
  readonly store: EventStore;
  readonly database: Database;
  /** Another process that serves the same log and database, with caches of its own. It is cut off when it is closed. */
  another(over?: Partial<RestDependencies>): Promise<ServedProcess>;
  /** Sends a command to an order, as the process manager would. */
  tell(orderId: string, command: OrderCommand): Promise<void>;
  /** Takes an order from CREATED to CONFIRMED. */
  confirm(orderId: string, total: number): Promise<void>;
  /** Stops the projector: from now on the read models stand still. */
  stopProjector(): Promise<void>;
  closeDatabase(): Promise<void>;
}

const quiet = { info() {}, warn() {} };
const later = '2030-01-01T00:00:00.000Z';
const day = 86_400_000;

/** Keys in this database that are kept for a day. `claimMs`: how long a claim holds. */
export const keysIn = (database: Database, claimMs?: number) =>
  postgresIdempotencyKeys(database, { retentionMs: day, ...(claimMs === undefined ? {} : { claimMs }) });

async function serve(dependencies: Omit<RestDependencies, 'log'>, handler: CommandHandler, shutdownTimeout: number) {
  const errors: string[] = [];
  const log = { ...quiet, error: (fields: object, message: string) => void errors.push(`${message} ${JSON.stringify(fields)}`) };
  const api = createRestApi({ log, ...dependencies });
  const server = await serveHttp({ host: '127.0.0.1', port: 0, app: api.app, shutdownTimeout, onClosing: api.endWaits });
  const url = `http://127.0.0.1:${server.port}`;
  const served: ServedProcess = {
    url,
    port: server.port,
    handler,
    errors,
    ask: async (method, path, body, headers = {}) => {
      const response = await fetch(url + path, {
        method,
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers: answered } = response;
      expectDescribed({ method, address: path, status, headers: answered, text });
      if (!(body instanceof Uint8Array)) expectAllowed(method, path, status, body);
      return { status, headers: answered, body: text === '' ? null : JSON.parse(text) };
    },
    close: () => server.close(),
  };
  return served;
}

export async function serveApi(over: Partial<RestDependencies> = {}): Promise<ServedApi> {
  const store = await freshEventStore();
  const migrations = [...checkpointMigrations, ...readModelMigrations, ...idempotencyKeyMigrations];
  const template = { name: 'rest_api', prepare: async (url: string) => void (await migrate(url, migrations)) };
  const { url: databaseUrl, drop } = await freshDatabase(template);
  const database = openPostgres({ url: databaseUrl, poolSize: 4 });
  const logId = await identifyLog(store, 'test');
  const handler = createCommandHandler(store, { appVersion: 'test' });
  const progress = createProgress();
  const context = (correlationId: string) => ({
    ...{ commandId: uuid7(), correlationId, actor: 'test', at: new Date().toISOString() },
  });
  await openMainWarehouse(handler, context(uuid7()));
  const projector = startProjector({
    ...{ store, logId, database, checkpoints: postgresCheckpoints(database), projections: readModels, holder: 'test' },
    ...{ lingerMs: 0, spacingMs: 0, log: { ...quiet, error() {} }, onAdvance: progress.advanced },
  });
  const dependencies: Omit<RestDependencies, 'log' | 'handler'> = {
    ...{ store, sql: sqlOf(database, logId), progress, logId, appVersion: 'test', idempotencyKeys: keysIn(database) },
    head: () => logHead(store, streamPrefixes),
    now: Date.now,
    newId: idSource(),
    minPositionWait: 2_000,
    deliverWithin: 2_592_000_000,
    attentionAfter: 3_600_000,
    waitingWork: async () => [],
    bodyLimit: 1024 * 1024,
    admission: localOnly(null),
    readiness: [
      { name: 'event-store', check: async () => void (await logHead(store, streamPrefixes)) },
      { name: 'database', check: async () => void (await database.query('SELECT 1')) },
    ],
  };
  const served = await serve({ handler, ...dependencies, ...over }, handler, 5_000);
  let databaseOpen = true;

  async function closeDatabase() {
    if (databaseOpen) await database.close();
    databaseOpen = false;
  }
  async function tell(orderId: string, command: OrderCommand) {
    const { outcome } = await handler.handle(order, orderId, command, context(orderId));
    if (outcome !== 'decided') throw new Error(`${command.type} was ${outcome}.`);
  }

  return {
    ...served,
    logId,
    store,
    database,
    another: (others = {}) => {
      const own = others.handler ?? createCommandHandler(store, { appVersion: 'test' });
      return serve({ ...dependencies, ...over, ...others, handler: own }, own, 1);
    },
    tell,
    confirm: async (orderId, total) => {
      const paymentId = uuid7();
      await tell(orderId, { type: 'StartOrder', paymentId, timeoutAt: later });
      await tell(orderId, { type: 'RecordPaymentAuthorized', paymentId, captureBefore: null });
      await tell(orderId, { type: 'RecordInventoryReserved', allocations: [], expiresAt: later });
      await tell(orderId, { type: 'RecordPaymentCaptured', paymentId, amount: total, shipBy: later });
    },
    stopProjector: () => projector.stop(),
    closeDatabase,
    close: async () => {
      await served.close();
      await projector.stop();
      await closeDatabase();
      await drop();
      await store.close();
    },
  };
}
