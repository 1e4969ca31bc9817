// The composition root: the only file that knows everybody. It starts the parts in the order in which they need each other and stops them
// in the opposite one: HTTP, process manager and gateway calls, projectors, store client, event node, simulator, PostgreSQL.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v7 as uuid7 } from 'uuid';
import { type Part, startDatabase, startEventNode, startSimulator } from './adapters/embedded/parts.js';
import { Started } from './adapters/embedded/started.js';
import { connectEventStore } from './adapters/eventstore/event-store.js';
import { logHead } from './adapters/eventstore/head.js';
import { identifyLog } from './adapters/eventstore/log-identity.js';
import { resilientGateway } from './adapters/payments/resilient-gateway.js';
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
import { mainWarehouse, openMainWarehouse } from './commands/main-warehouse.js';
import { raiseAttention } from './commands/process-manager/dispatch.js';
import { fulfilmentReactor } from './commands/process-manager/fulfilment-reactor.js';
import { gatewayWorker } from './commands/process-manager/gateway-worker.js';
import { orphanSweep } from './commands/process-manager/orphan-sweep.js';
import { reservationWorker } from './commands/process-manager/reservation-worker.js';
import { type Runner, runnerVersion, startRunner } from './commands/process-manager/runner.js';
import { checkpointName } from './commands/process-manager/runner-ports.js';
import { timekeeper } from './commands/process-manager/timekeeper.js';
import { cachedPriority } from './commands/process-manager/warehouse-priority.js';
import type { Config } from './config.js';
import { streamPrefixes } from './domain/event-catalogue.js';
import type { FulfilmentPolicy } from './domain/fulfilment/fulfilment.js';
import type { EventStore } from './domain/log/event-store.js';
import { readModelMigrations, readModels } from './projections/read-models.js';
import { checkpointChannel } from './projections/runtime/announcement.js';
import { checkOrigin, checkPlaces } from './projections/runtime/checkpoint-check.js';
import { watchCheckpoints } from './projections/runtime/checkpoint-watch.js';
import { createProgress } from './projections/runtime/progress.js';
import { type Projector, startProjector } from './projections/runtime/projector.js';
import { sqlOf } from './projections/sql.js';
import { orphanCandidates } from './projections/stock-claims/stock-claim-queries.js';
import { warehousesByPriority } from './projections/warehouses/warehouse-queries.js';

export interface Platform {
  /** Where the API answers; `null` without the role `api`. */
  readonly url: string | null;
  readonly logId: string;
  readonly parts: readonly Part[];
  /** Nothing has happened in it yet: its log has what every log begins with, and no more. */
  readonly untouched: boolean;
  /** Stops everything in order; what is under way goes on at the next start. */
  stop(): Promise<void>;
}

const day = 86_400_000;
const shipWithin = 3 * day;
const deliverWithin = 30 * day;
const attentionAfter = 3_600_000;
const sweepEvery = 300_000;
/** What one sweep looks at; the rest waits for the next. */
const mostOrphans = 1000;

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
  const untouched = await isUntouched(store);

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
    const gateway = started.add(resilientGateway(createStripeGateway(stripe)), (part) => part.close());
    const payments = gatewayWorker(handler, gateway);
    const priority = cachedPriority(() => warehousesByPriority(sql), 1000);
    const runner = startRunner({
      ...{ store, checkpoints, work, logId, holder, log },
      reactors: [fulfilmentReactor(handler, policy), payments.react, reservationWorker(handler, store, priority)],
      timekeeper: timekeeper(handler, payments.lookUp, policy),
      raise: (recorded, code, detail) => raiseAttention(handler, recorded, code, detail),
      chores: [orphanSweep({ handler, log, every: sweepEvery, candidates: () => orphanCandidates(sql, sweepEvery, mostOrphans) })],
      verify: async (checkpoint) => {
        checkOrigin(checkpoint, { version: runnerVersion, logId });
        await checkPlaces(store, [checkpoint]);
      },
    });
    started.add(runner, (part) => part.stop(config.SHUTDOWN_TIMEOUT));
    readiness.push({ name: 'process-manager', check: () => refuseFailed(runner) });
  }

  const url = plays('api') ? await serveApi() : null;
  return { url, logId, parts, untouched, stop: () => started.stop(log) };

  async function serveApi(): Promise<string> {
    const idempotencyKeys = postgresIdempotencyKeys(database, { retentionMs: config.IDEMPOTENCY_RETENTION });
    started.add(startKeySweep(idempotencyKeys, log), (part) => part.stop());
    const api = createRestApi({
      ...{ idempotencyKeys, handler, store, sql, progress, logId, appVersion, log, readiness, deliverWithin, attentionAfter },
      waitingWork: (orderId) => work.ofOrder(orderId),
      head: () => logHead(store, streamPrefixes),
      now: Date.now,
      newId: idSource(),
      minPositionWait: config.MIN_POSITION_WAIT,
      bodyLimit: config.BODY_LIMIT,
      admission: localOnly(config.PUBLIC_URL, config.CORS_ORIGINS),
      corsOrigins: config.CORS_ORIGINS,
      facts: { startedAt: new Date(), parts },
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

/** The opening of the first warehouse is what ends the first start. */
async function isUntouched(store: EventStore): Promise<boolean> {
  const head = await logHead(store, streamPrefixes);
  for await (const { position } of store.readStream(`warehouse-${mainWarehouse}`, { limit: 1 })) return position === head;
  return false;
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
