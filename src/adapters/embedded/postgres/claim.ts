// The claim on a running server: one connection that holds a lock, so that two platforms never share one data folder. It also tells at
// once when the server dies, whether it is our child or was adopted.

import pg from 'pg';
import { Unavailable } from '../../../domain/log/errors.js';
import { database } from './cluster.js';

export interface Claim {
  /** Fulfilled when the connection is gone, for whatever reason. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/** Another live Panglot holds the server. */
export class Taken extends Unavailable {}

const lock = 'SELECT pg_try_advisory_lock(7305808869231650000) AS taken';
const holder = `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND a.pid <> pg_backend_pid() AND a.datname = 'postgres' LIMIT 1`;

/**
 * Connects to the maintenance database, takes the lock, and sees to it that the platform's database exists.
 * @throws Taken another Panglot holds it; whatever pg throws when the server does not let us in.
 */
export async function claimServer(url: string, dataDir: string): Promise<Claim> {
  const client = new pg.Client({
    connectionString: url.replace(/\/[^/]*$/, '/postgres'),
    application_name: `panglot process ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  });
  const lost = new Promise<void>((resolve) => {
    client.once('end', () => resolve());
    client.on('error', () => resolve());
  });
  const release = () => client.end().catch(() => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>(lock);
    if (rows[0]?.taken !== true) {
      const other = await client.query<{ name: string }>(holder);
      throw new Taken(
        `${dataDir} is in use by another Panglot (${other.rows[0]?.name ?? 'unknown'}): stop it first, or set DATA_DIR to another folder.`,
      );
    }
    const there = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (there.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    return { lost, release };
  } catch (error) {
    await release();
    throw error;
  }
}
