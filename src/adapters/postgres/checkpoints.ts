// Checkpoints and leases in a table: the adapter behind `domain/log/checkpoint.ts`, for projections and the process manager alike.

import type { Checkpoint, Checkpoints, Lease, LeaseRequest, LeaseResult, Place, Tx } from '../../domain/log/checkpoint.js';
import { Fenced } from '../../domain/log/errors.js';
import type { Database } from './database.js';
import type { Migration } from './migrate.js';

export const checkpointMigrations: readonly Migration[] = [
  {
    name: '0001-checkpoints',
    up: async (knex) => {
      await knex.raw(`
        CREATE TABLE checkpoints (
          name             text        PRIMARY KEY,
          version          integer     NOT NULL,
          log_id           text        NOT NULL,
          position         bigint,
          prepare_position bigint,
          event_id         uuid,
          epoch            bigint      NOT NULL DEFAULT 0,
          holder           text,
          lease_until      timestamptz,
          updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
          CHECK ((position IS NULL) = (prepare_position IS NULL) AND (position IS NULL) = (event_id IS NULL)),
          CHECK ((holder IS NULL) = (lease_until IS NULL))
        ) WITH (fillfactor = 50)`);
    },
    down: async (knex) => {
      await knex.raw('DROP TABLE checkpoints');
    },
  },
];

interface Row {
  readonly name: string;
  readonly version: number;
  readonly log_id: string;
  readonly position: bigint | null;
  readonly event_id: string | null;
  readonly epoch: bigint;
  readonly holder: string | null;
  readonly lease_until: Date | null;
  readonly running: boolean | null;
}

const columns = 'name, version, log_id, position, event_id, epoch, holder, lease_until, lease_until > clock_timestamp() AS running';

const create = `INSERT INTO checkpoints (name, version, log_id)
  SELECT name, version, $3 FROM unnest($1::text[], $2::integer[]) AS reader (name, version) ORDER BY name
  ON CONFLICT (name) DO NOTHING`;

// One order of locking, so that two takers do not wait for each other.
const inspect = `SELECT ${columns} FROM checkpoints WHERE name = ANY ($1) ORDER BY name FOR UPDATE`;

const take = `UPDATE checkpoints
  SET epoch = $2, holder = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond', updated_at = clock_timestamp()
  WHERE name = ANY ($1)`;

const prolong = {
  name: 'checkpoints.renew',
  text: `UPDATE checkpoints SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
    WHERE name = ANY ($1) AND epoch = $2 AND holder IS NOT NULL`,
};

const letGo = `UPDATE checkpoints SET holder = NULL, lease_until = NULL, updated_at = clock_timestamp()
  WHERE name = ANY ($1) AND epoch = $2`;

const fence = {
  name: 'checkpoints.advance',
  text: `UPDATE checkpoints AS c
    SET position = $4, prepare_position = $4, event_id = $5, updated_at = clock_timestamp()
    FROM unnest($1::text[], $2::bigint[]) AS believed (name, position)
    WHERE c.name = believed.name AND c.epoch = $3 AND c.position IS NOT DISTINCT FROM believed.position`,
};

function checkpointOf(row: Row): Checkpoint {
  const place = row.position === null || row.event_id === null ? null : { position: row.position, eventId: row.event_id };
  return { name: row.name, version: row.version, logId: row.log_id, place };
}

const byName = (rows: readonly Row[]) => new Map(rows.map((row) => [row.name, checkpointOf(row)]));

async function takeAll(tx: Tx, { readers, logId, holder, ttlMs }: LeaseRequest): Promise<LeaseResult> {
  const names = readers.map(({ name }) => name);
  await tx.query(create, [names, readers.map(({ version }) => version), logId]);
  const { rows } = await tx.query<Row>(inspect, [names]);
  const other = rows.find((row) => row.running === true && row.holder !== holder);
  if (other?.holder && other.lease_until) return { outcome: 'held', by: other.holder, until: other.lease_until };
  const epoch = rows.reduce((highest, row) => (row.epoch > highest ? row.epoch : highest), 0n) + 1n;
  await tx.query(take, [names, epoch, holder, ttlMs]);
  return { outcome: 'acquired', lease: { names, epoch }, checkpoints: byName(rows) };
}

async function advance(tx: Tx, lease: Lease, from: ReadonlyMap<string, bigint | null>, to: Place): Promise<void> {
  const believed = lease.names.map((name) => from.get(name) ?? null);
  const { rowCount } = await tx.query(fence, [lease.names, believed, lease.epoch, to.position, to.eventId]);
  if (rowCount !== lease.names.length)
    throw new Fenced(
      `The checkpoints of ${lease.names.join(', ')} were not moved to ${to.position}: ` +
        `another process holds them now, or has moved them (our lease is number ${lease.epoch}).`,
    );
}

/** Checkpoints in the database's table `checkpoints`, which `checkpointMigrations` makes. */
export function postgresCheckpoints(database: Database): Checkpoints {
  return {
    acquire: (request) => database.transaction((tx) => takeAll(tx, request)),
    renew: async ({ names, epoch }, ttlMs) => (await database.query(prolong, [names, epoch, ttlMs])).rowCount === names.length,
    release: async ({ names, epoch }) => void (await database.query(letGo, [names, epoch])),
    advance,
    read: async (names) =>
      byName((await database.query<Row>(`SELECT ${columns} FROM checkpoints WHERE name = ANY ($1)`, [names])).rows),
  };
}
