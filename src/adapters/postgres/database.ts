// The pool of connections to PostgreSQL: single statements and transactions, with failures in the words of the domain. What the tables
// are is the business of whoever owns them.

import pg from 'pg';
import type { Rows, Statement, Tx } from '../../domain/log/checkpoint.js';
import { type Log, silent } from '../log.js';
import { translate, translateWrite } from './errors.js';

export interface DatabaseOptions {
  readonly url: string;
  /** The most connections at a time. */
  readonly poolSize: number;
  readonly log?: Log;
}

/** An int8 column arrives as a bigint, a date as its text, the rest as pg has it (timestamptz: Date, numeric: string). */
export interface Database extends Tx {
  /**
   * One statement on its own. @throws Unavailable it was not done; OutcomeUnknown it may change something, and its reply was lost.
   */
  readonly query: Tx['query'];
  /**
   * Runs the work in one transaction: committed when it fulfils, rolled back when it throws, whose error it passes on.
   * @throws Unavailable nothing was done; OutcomeUnknown the answer to the commit was lost.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Waits for what runs, then closes every connection. */
  close(): Promise<void>;
}

const connectWithin = 10_000;

/** The parsers are this pool's own: pg's global ones stay as they are for other users of the package. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format !== 'binary' && oid === pg.types.builtins.INT8) return BigInt;
    if (format !== 'binary' && oid === pg.types.builtins.DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format);
  },
};

/** Where a database is, without the password. */
export function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `PostgreSQL at ${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

const onlyReads = /^\s*(SELECT|SHOW|VALUES|EXPLAIN)\b/i;

async function run<Row>(
  on: Pick<pg.ClientBase, 'query'>,
  statement: string | Statement,
  values: readonly unknown[] | undefined,
): Promise<Rows<Row>> {
  const config: pg.QueryConfig =
    typeof statement === 'string' ? { text: statement } : { name: statement.name, text: statement.text };
  const given = values ?? (typeof statement === 'string' ? undefined : statement.values);
  if (given !== undefined) config.values = [...given];
  const { rows, rowCount } = await on.query(config);
  return { rows, rowCount: rowCount ?? 0 };
}

/** Opens a pool. It connects when it is first asked to, and again after a connection was lost. */
export function openPostgres(options: DatabaseOptions): Database {
  const log = options.log ?? silent;
  const where = describe(options.url);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: connectWithin,
    application_name: 'panglot',
    keepAlive: true,
    // Statements that do not wait for each other go out together: a batch of a projection is a few round trips, not one a table.
    pipeline: true,
    types,
  });
  pool.on('error', (error) => log.warn({ err: error }, `An idle connection to ${where} was lost.`));
  // One that breaks in the hands of a user, between two statements, would end the process; the next statement reports it.
  pool.on('connect', (client) => client.on('error', () => {}));

  async function connect(): Promise<pg.PoolClient> {
    return pool.connect().catch((error: unknown) => {
      throw translate(error, `Connecting to ${where}`);
    });
  }

  async function query<Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const client = await connect();
    let broken = false;
    try {
      return await run<Row>(client, statement, values);
    } catch (error) {
      const text = typeof statement === 'string' ? statement : statement.text;
      const meant = onlyReads.test(text) ? translate(error, `Reading from ${where}`) : translateWrite(error, `Writing to ${where}`);
      // What passed through unchanged was the statement's own fault, and the connection is as good as before.
      broken = meant !== error;
      throw meant;
    } finally {
      client.release(broken);
    }
  }

  async function commit(client: pg.PoolClient): Promise<void> {
    const { command } = await client.query('COMMIT').catch((error: unknown) => {
      throw translateWrite(error, `A commit to ${where}`);
    });
    if (command !== 'COMMIT')
      throw new Error('A statement of the transaction had failed, and its error was swallowed: nothing was committed.');
  }

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await connect();
    let broken = true;
    const doing = `A transaction on ${where}`;
    const tx: Tx = {
      query: (statement, values) =>
        run<never>(client, statement, values).catch((error: unknown) => {
          throw translate(error, doing);
        }),
    };
    try {
      await tx.query('BEGIN');
      let result: T;
      try {
        result = await work(tx);
      } catch (error) {
        await client.query('ROLLBACK').then(
          () => {
            broken = false;
          },
          () => {},
        );
        throw error;
      }
      await commit(client);
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  return { query, transaction, close: () => pool.end() };
}
