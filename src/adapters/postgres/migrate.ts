// Brings the tables of a database to what this version needs. Which tables those are, their owners say: each hands in its migrations.

import knex, { type Knex } from 'knex';
import pg from 'pg';
import { Corrupt } from '../../domain/log/errors.js';
import { type Log, silent } from '../log.js';
import { describe } from './database.js';
import { translate } from './errors.js';

/** One step of the schema. Its name is permanent and unique; the order of the list is the order of the steps. */
export interface Migration {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
  readonly down?: (knex: Knex) => Promise<void>;
}

class ListedMigrations implements Knex.MigrationSource<Migration> {
  readonly #migrations: readonly Migration[];

  constructor(migrations: readonly Migration[]) {
    this.#migrations = migrations;
  }

  async getMigrations(): Promise<Migration[]> {
    return [...this.#migrations];
  }

  getMigrationName(migration: Migration): string {
    return migration.name;
  }

  async getMigration(migration: Migration): Promise<Knex.Migration> {
    return { up: migration.up, down: migration.down ?? refuseDown(migration.name) };
  }
}

const refuseDown = (name: string) => async () => {
  throw new Error(`The migration ${name} cannot be taken back.`);
};

const lockKey = '7305808869231650001';

/**
 * Takes the lock that keeps two starts from migrating at once. It belongs to the connection, so a killed process leaves none behind,
 * which knex's own lock table would.
 */
async function lock(client: pg.Client, where: string, log: Log): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}) AS taken`);
  if (rows[0]?.taken === true) return;
  log.info({}, `Another process is bringing the tables of ${where} up to date; waiting for it.`);
  await client.query(`SELECT pg_advisory_lock(${lockKey})`);
}

function unknownMigrations(done: readonly string[], listed: readonly Migration[]): readonly string[] {
  const names = new Set(listed.map(({ name }) => name));
  return done.filter((name) => !names.has(name));
}

/**
 * Runs the migrations that the database has not seen yet, all in one transaction, and answers their names. Any number of processes may
 * call it at once. The list must hold every migration that any of them ever ran on this database.
 * @throws Corrupt a newer version has migrated the database; Unavailable it cannot be reached; what a failing migration throws.
 */
export async function migrate(url: string, migrations: readonly Migration[], log: Log = silent): Promise<readonly string[]> {
  const where = describe(url);
  const client = new pg.Client({ connectionString: url, application_name: 'panglot migration', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  const db = knex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'panglot migration' },
    pool: { min: 0, max: 2 },
    // A failure is thrown; there is no need to print it as well.
    log: { warn: (message: unknown) => log.warn({}, String(message)), error: () => {}, debug: () => {}, deprecate: () => {} },
    migrations: { migrationSource: new ListedMigrations(migrations), tableName: 'schema_migrations' },
  });
  try {
    await client.connect();
    await lock(client, where, log);
    const [completed] = await db.migrate.list({ disableMigrationsListValidation: true });
    const unknown = unknownMigrations(
      completed.map(({ name }: { name: string }) => name),
      migrations,
    );
    if (unknown.length > 0)
      throw new Corrupt(
        `${where} was used by a newer version of Panglot: this one does not know its migrations ${unknown.join(', ')}.`,
      );
    // We hold the lock: whoever set knex's own is dead.
    await db.migrate.forceFreeMigrationsLock();
    const [, names]: [number, string[]] = await db.migrate.latest();
    return names;
  } catch (error) {
    throw translate(error, `Bringing the tables of ${where} up to date`);
  } finally {
    await db.destroy();
    await client.end().catch(() => {});
  }
}
