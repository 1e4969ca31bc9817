// A database of one's own for a test, on the PostgreSQL of the run: empty, or a clone of a template that is prepared once.

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  /** Throws out whoever is still connected. */
  drop(): Promise<void>;
}

/** What a template holds is decided by its name: `prepare` runs once a run, whichever test asks first. */
export interface Template {
  readonly name: string;
  /** Brings the empty database at the URL into the state that the tests start from; leaves no connection behind. */
  readonly prepare: (url: string) => Promise<void>;
}

const urlOf = (name: string) => inject('postgresUrl').replace(/\/[^/]*$/, `/${name}`);

async function administer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function prepared({ name, prepare }: Template): Promise<string> {
  const database = `template_${name}`;
  await administer(async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [database]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount !== 0) return;
    await client.query(`DROP DATABASE IF EXISTS ${database}_half`);
    await client.query(`CREATE DATABASE ${database}_half`);
    await prepare(urlOf(`${database}_half`));
    await client.query(`ALTER DATABASE ${database}_half RENAME TO ${database}`);
  });
  return database;
}

/** Makes a database for the caller alone. Drop it in `afterAll` or `onTestFinished`; the end of the run drops it in any case. */
export async function freshDatabase(template?: Template): Promise<TestDatabase> {
  const source = template === undefined ? 'template1' : await prepared(template);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${source}`));
  return {
    url: urlOf(name),
    drop: () => administer(async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}
