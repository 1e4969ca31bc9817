// The composition root: the only file that knows everybody. It starts the parts in the order in which they need each other and stops them
// in the opposite one: HTTP, process manager and gateway calls, projectors, store client, event node, simulator, PostgreSQL.

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { v7 as uuid7 } from 'uuid';
import { startChild } from './adapters/embedded/child-process.js';
import { startEmbeddedPostgres } from './adapters/embedded/postgres/launcher.js';
import { connectEventStore } from './adapters/eventstore/event-store.js';
import { logHead } from './adapters/eventstore/head.js';
import { identifyLog } from './adapters/eventstore/log-identity.js';
import { createStripeGateway } from './adapters/payments/stripe-gateway.js';
import { checkpointMigrations, postgresCheckpoints } from './adapters/postgres/checkpoints.js';
import { openPostgres } from './adapters/postgres/database.js';
import { idempotencyKeyMigrations, postgresIdempotencyKeys } from './adapters/postgres/idempotency-keys.js';
import { listen } from './adapters/postgres/listen.js';
import { migrate } from './adapters/postgres/migrate.js';
import { postgresWork, workMigrations } from './adapters/postgres/work-rows.js';
import { localOnly } from './api/access/local-only.js';
import { serveHttp } from './api/http/server.js';
import { idSource } from './api/new-id.js';
import type { ReadinessCheck } from './api/rest/health.js';
import { startKeySweep } from './api/rest/key-sweep.js';
import { createRestApi } from './api/rest/rest-api.js';
import { createCommandHandler } from './commands/command-handler.js';
import { openMainWarehouse } from './commands/main-warehouse.js';
import { fulfilmentReactor } from './commands/process-manager/fulfilment-reactor.js';
import { raiseAttention } from './commands/process-manager/dispatch.js';
import { gatewayWorker } from './commands/process-manager/gateway-worker.js';
import { reservationWorker } from './commands/process-manager/reservation-worker.js';
import { type Runner, runnerVersion, startRunner } from './commands/process-manager/runner.js';
import { checkpointName } from './commands/process-manager/runner-ports.js';
import { timekeeper } from './commands/process-manager/timekeeper.js';
import { cachedPriority } from './commands/process-manager/warehouse-priority.js';
import type { Config } from './config.js';
import { streamPrefixes } from './domain/event-catalogue.js';
import type { FulfilmentPolicy } from './domain/fulfilment/fulfilment.js';
import { readModelMigrations, readModels } from './projections/read-models.js';
import { checkpointChannel } from './projections/runtime/announcement.js';
import { checkOrigin, checkPlaces } from './projections/runtime/checkpoint-check.js';
import { watchCheckpoints } from './projections/runtime/checkpoint-watch.js';
import { createProgress } from './projections/runtime/progress.js';
import { type Projector, startProjector } from './projections/runtime/projector.js';
import { sqlOf } from './projections/sql.js';
import { warehousesByPriority } from './projections/warehouses/warehouse-queries.js';

/** A part of the platform and where it was found: what the banner says. */
export interface Part {
  readonly name: string;
  readonly where: string;
  readonly embedded: boolean;
}

export interface Platform {
  /** Where the API answers; `null` without the role `api`. */
  readonly url: string | null;
  readonly logId: string;
  readonly parts: readonly Part[];
  /** Stops everything in order; what is under way goes on at the next start. */
  stop(): Promise<void>;
}

const day = 86_400_000;
const shipWithin = 3 * day;
const deliverWithin = 30 * day;
const attentionAfter = 3_600_000;

/** What was started, to be stopped the other way round. */
class Started {
  readonly #stops: (() => Promise<unknown>)[] = [];

  add<T>(part: T, stop: (part: T) => Promise<unknown> | unknown): T {
    this.#stops.push(async () => stop(part));
    return part;
  }

  /** Stops all, also when one of them fails to. */
  async stop(log: Logger): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop())
      await stop().catch((error: unknown) => log.error({ err: error }, 'A part did not stop in good order.'));
  }
}

const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

/** Starts PostgreSQL, or takes the one that is configured. */
async function startDatabase(config: Config, started: Started, parts: Part[], log: Logger): Promise<string> {
  if (config.DATABASE_URL !== null) {
    parts.push({ name: 'PostgreSQL', where: withoutSecrets(config.DATABASE_URL), embedded: false });
    return config.DATABASE_URL;
  }
  const postgres = started.add(await startEmbeddedPostgres({ dataDir: config.DATA_DIR, log }), (part) => part.stop());
  parts.push({ name: 'PostgreSQL', where: `127.0.0.1:${postgres.port}`, embedded: true });
  return postgres.url;
}

/** Starts one of our own servers as a child process; answers its port. */
async function startServer(
  name: string,
  entry: string,
  data: string,
  port: number,
  started: Started,
  log: Logger,
): Promise<number> {
  mkdirSync(data, { recursive: true });
  const child = await startChild({
    name,
    program: { entry },
    args: (port) => ['--data', data, '--port', String(port), '--host', '127.0.0.1'],
    port,
    log,
  });
  return started.add(child, (part) => part.stop()).port;
}

async function startSimulator(config: Config, started: Started, parts: Part[], log: Logger) {
  if (config.STRIPE_API_KEY !== null) {
    const apiBase = config.STRIPE_API_BASE ?? 'https://api.stripe.com';
    parts.push({ name: 'Payments', where: apiBase, embedded: false });
    return { apiKey: config.STRIPE_API_KEY, apiBase };
  }
  const entry = 'dist/adapters/payments/simulator/process.js';
  const port = await startServer('payment simulator', entry, join(config.DATA_DIR, 'payment-simulator'), 0, started, log);
  const apiBase = `http://127.0.0.1:${port}`;
  parts.push({ name: 'Payments', where: `${apiBase} (a simulator of Stripe)`, embedded: true });
  return { apiKey: 'sk_test_panglot', apiBase };
}

async function startEventNode(config: Config, started: Started, parts: Part[], log: Logger): Promise<string> {
  if (config.EVENTSTORE_URL !== null) {
    parts.push({ name: 'Event store', where: withoutSecrets(config.EVENTSTORE_URL), embedded: false });
    return config.EVENTSTORE_URL;
  }
  const entry = 'dist/adapters/embedded/event-node/process.js';
  const port = await startServer('event node', entry, join(config.DATA_DIR, 'event-node'), config.EVENT_NODE_PORT, started, log);
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  parts.push({ name: 'Event store', where: url, embedded: true });
  return url;
}

/**
 * Starts the platform as configured: the embedded parts, then what reads and writes the log, then the API.
 * @throws whatever kept a part from starting, after the others have been stopped again
 */
export async function startPlatform(config: Config, appVersion: string, log: Logger): Promise<Platform> {
  const started = new Started();
  try {
    return await start(config, appVersion, started, log);
  } catch (error) {
    await started.stop(log);
    throw error;
  }
}

async function start(config: Config, appVersion: string, started: Started, log: Logger): Promise<Platform> {
  const parts: Part[] = [];
  const databaseUrl = await startDatabase(config, started, parts, log);
  const stripe = await startSimulator(config, started, parts, log);
  const eventStoreUrl = await startEventNode(config, started, parts, log);

  await migrate(
    databaseUrl,
    [...checkpointMigrations, ...workMigrations, ...readModelMigrations, ...idempotencyKeyMigrations],
    log,
  );
  const database = started.add(openPostgres({ url: databaseUrl, poolSize: config.DATABASE_POOL_SIZE, log }), (part) =>
    part.close(),
  );
  const store = started.add(connectEventStore({ url: eventStoreUrl, log }), (part) => part.close());
  const logId = await identifyLog(store, appVersion);
  const handler = createCommandHandler(store, { appVersion });
  const checkpoints = postgresCheckpoints(database);
  const work = postgresWork(database, checkpointName);
  const sql = sqlOf(database, logId);
  const holder = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  const plays = (role: Config['ROLES'][number]) => config.ROLES.includes(role);
  const openCommand = uuid7();
  await openMainWarehouse(handler, { commandId: openCommand, correlationId: openCommand, actor: 'panglot', at: now() });

  const progress = createProgress();
  const names = readModels.map(({ name }) => name);
  const watch = started.add(watchCheckpoints({ checkpoints, names, onAdvance: progress.advanced, log }), (part) => part.close());
  const { announced, look } = watch;
  started.add(
    await listen({ url: databaseUrl, channel: checkpointChannel, onMessage: announced, onReconnected: () => void look(), log }),
    (part) => part.close(),
  );
  const readiness: ReadinessCheck[] = [
    { name: 'event-store', check: async () => void (await logHead(store, streamPrefixes)) },
    { name: 'database', check: async () => void (await database.query('SELECT 1')) },
  ];

  if (plays('projector')) {
    const projector = startProjector({
      ...{ store, logId, database, checkpoints, projections: readModels, holder, log },
      onAdvance: progress.advanced,
    });
    started.add(projector, (part) => part.stop());
    readiness.push({ name: 'projections', check: () => refuseStopped(projector) });
  }

  if (plays('process-manager')) {
    const policy: FulfilmentPolicy = {
      ...{ paymentTimeout: config.PAYMENT_TIMEOUT, reservationExpiry: config.RESERVATION_EXPIRY },
      ...{ shipWithin, deliverWithin, attentionAfter },
    };
    const gateway = started.add(createStripeGateway(stripe), (part) => part.close());
    const payments = gatewayWorker(handler, gateway);
    const priority = cachedPriority(() => warehousesByPriority(sql), 1000);
    const runner = startRunner({
      ...{ store, checkpoints, work, logId, holder, log },
      reactors: [fulfilmentReactor(handler, policy), payments.react, reservationWorker(handler, store, priority)],
      timekeeper: timekeeper(handler, payments.lookUp, policy),
      raise: (recorded, code, detail) => raiseAttention(handler, recorded, code, detail),
      verify: async (checkpoint) => {
        checkOrigin(checkpoint, { version: runnerVersion, logId });
        await checkPlaces(store, [checkpoint]);
      },
    });
    started.add(runner, (part) => part.stop(config.SHUTDOWN_TIMEOUT));
    readiness.push({ name: 'process-manager', check: () => refuseFailed(runner) });
  }

  const url = plays('api') ? await serveApi() : null;
  return { url, logId, parts, stop: () => started.stop(log) };

  async function serveApi(): Promise<string> {
    const idempotencyKeys = postgresIdempotencyKeys(database, { retentionMs: config.IDEMPOTENCY_RETENTION });
    started.add(startKeySweep(idempotencyKeys, log), (part) => part.stop());
    const api = createRestApi({
      ...{ idempotencyKeys, handler, store, sql, progress, logId, appVersion, log, readiness, deliverWithin },
      head: () => logHead(store, streamPrefixes),
      now: Date.now,
      newId: idSource(),
      minPositionWait: config.MIN_POSITION_WAIT,
      bodyLimit: config.BODY_LIMIT,
      admission: localOnly(config.PUBLIC_URL),
    });
    const server = await serveHttp({
      ...{ host: config.HOST, port: config.PORT, app: api.app },
      requestTimeout: config.REQUEST_TIMEOUT,
      shutdownTimeout: config.SHUTDOWN_TIMEOUT,
      onClosing: () => api.endWaits(),
    });
    started.add(server, (part) => part.close());
    return config.PUBLIC_URL ?? `http://localhost:${server.port}`;
  }
}

const now = () => new Date().toISOString();

function refuseStopped(projector: Projector): void {
  const { state, detail, projections } = projector.status();
  if (state === 'stopped') throw new Error(`The projector has stopped: ${detail}`);
  for (const { name, stopped } of projections)
    if (stopped !== null) throw new Error(`The read model ${name} has stopped: ${JSON.stringify(stopped)}`);
}

function refuseFailed(runner: Runner): void {
  const { state, problem } = runner.status();
  if (state === 'failed' || state === 'stopped') throw new Error(`The process manager has ${state}: ${problem}`);
}
