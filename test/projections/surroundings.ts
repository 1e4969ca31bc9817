// What a projector needs around it in a test: a database with the tables, a log of its own, and ways to see everything that was written.

import { randomUUID } from 'node:crypto';
import { checkpointMigrations, postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { type Database, openPostgres } from '../../src/adapters/postgres/database.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import type { Checkpoints } from '../../src/domain/log/checkpoint.js';
import { readModelMigrations, readModels } from '../../src/projections/read-models.js';
import { createProgress, type ProgressFeed } from '../../src/projections/runtime/progress.js';
import { type Projector, type ProjectorOptions, startProjector } from '../../src/projections/runtime/projector.js';
import { freshDatabase } from '../support/database.js';
import { freshEventStore, type TestEventStore } from '../support/event-store.js';
import { appender, type Happening, logId } from './story.js';

const template = {
  name: 'read_models',
  prepare: async (url: string) => void (await migrate(url, [...checkpointMigrations, ...readModelMigrations])),
};

const tables = [
  'orders',
  'order_events',
  'payments',
  'stock',
  'stock_by_warehouse',
  'stock_claims',
  'stock_movements',
  'products',
  'warehouses',
] as const;

export interface Surroundings {
  readonly url: string;
  readonly database: Database;
  readonly checkpoints: Checkpoints;
  readonly store: TestEventStore;
  readonly progress: ProgressFeed;
  /** What the projectors have said at `error`. */
  readonly complaints: string[];
  /** Appends to the log; answers the last position. */
  append(happenings: readonly Happening[]): Promise<bigint>;
  start(options?: Partial<ProjectorOptions>): Projector;
  /** Waits until every read model, or those named, shows the position. */
  shown(position: bigint, names?: readonly string[]): Promise<void>;
  /** Every row of every table, as text. */
  rows(): Promise<Record<string, readonly string[]>>;
  /** Empties every table and forgets every checkpoint. */
  empty(): Promise<void>;
  /** Ends every projector that was started here. */
  stopAll(): Promise<void>;
  close(): Promise<void>;
}

export async function surroundings(): Promise<Surroundings> {
  const test = await freshDatabase(template);
  const database = openPostgres({ url: test.url, poolSize: 6 });
  const checkpoints = postgresCheckpoints(database);
  const store = await freshEventStore();
  const progress = createProgress();
  const complaints: string[] = [];
  const running = new Set<Projector>();
  const stopAll = async () => {
    await Promise.all([...running].map((projector) => projector.stop()));
    running.clear();
  };
  return {
    url: test.url,
    database,
    checkpoints,
    store,
    progress,
    complaints,
    append: appender(store),
    start: (options = {}) => {
      const projector = startProjector({
        store,
        logId,
        database,
        checkpoints,
        projections: readModels,
        holder: randomUUID(),
        lingerMs: 1,
        spacingMs: 0,
        log: { info: () => {}, warn: () => {}, error: (_, message) => complaints.push(message) },
        onAdvance: progress.advanced,
        ...options,
      });
      running.add(projector);
      return projector;
    },
    shown: async (position, names = readModels.map(({ name }) => name)) => {
      for (const name of names)
        if (!(await progress.waitFor(name, position, 20_000)))
          throw new Error(`${name} has reached ${progress.reached(name)}, not ${position}: ${complaints.join(' ')}`);
    },
    rows: async () => {
      const found: Record<string, readonly string[]> = {};
      for (const table of tables) {
        const { rows } = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`);
        found[table] = rows.map(({ row }) => row);
      }
      return found;
    },
    empty: async () => void (await database.query(`TRUNCATE checkpoints, ${tables.join(', ')}`)),
    stopAll,
    close: async () => {
      await stopAll();
      await store.close();
      await database.close();
      await test.drop();
    },
  };
}
