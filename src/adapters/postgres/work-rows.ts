// The process manager's work rows in a table: the adapter behind `commands/process-manager/work.ts`.

import type { ClaimedRow, DeadlineRow, DeferredUntil, WaitingRow, Work, WorkItem } from '../../commands/process-manager/work.js';
import type { Lease } from '../../domain/log/checkpoint.js';
import { Fenced } from '../../domain/log/errors.js';
import type { Database } from './database.js';
import type { Migration } from './migrate.js';

export const workMigrations: readonly Migration[] = [
  {
    name: '0002-process-manager-work',
    up: async (knex) => {
      // Rows come and go: what is dead makes room on the page that it was on.
      await knex.raw(`
        CREATE TABLE process_manager_work (
          id            uuid        PRIMARY KEY,
          is_deadline   boolean     NOT NULL,
          order_id      uuid        NOT NULL,
          lane          text        NOT NULL,
          sort          text        NOT NULL GENERATED ALWAYS AS (split_part(lane, '-', 1)) STORED,
          what          text        NOT NULL COLLATE "C",
          stream        text        NOT NULL,
          revision      integer     NOT NULL,
          position      bigint      NOT NULL,
          due_at        timestamptz NOT NULL,
          attempts      integer     NOT NULL DEFAULT 0,
          last_error    text,
          claim_epoch   bigint,
          claimed_until timestamptz
        ) WITH (fillfactor = 70);
        CREATE INDEX process_manager_work_due ON process_manager_work (sort, due_at);
        CREATE INDEX process_manager_work_lane ON process_manager_work (lane, position, what) WHERE NOT is_deadline;
        CREATE INDEX process_manager_work_order ON process_manager_work (order_id);
      `);
    },
    down: async (knex) => {
      await knex.raw('DROP TABLE process_manager_work');
    },
  },
];

const after = (parameter: string) => `clock_timestamp() + ${parameter} * interval '1 millisecond'`;

const save = {
  name: 'work.save',
  text: `
    WITH fence AS (
      UPDATE checkpoints
      SET position = $3, prepare_position = $3, event_id = $4, updated_at = clock_timestamp()
      WHERE name = $1 AND epoch = $2 AND position IS NOT DISTINCT FROM $5
      RETURNING name
    ), cleared AS (
      DELETE FROM process_manager_work WHERE id = ANY ($6::uuid[]) AND EXISTS (SELECT FROM fence)
    ), set AS (
      INSERT INTO process_manager_work AS old (id, is_deadline, order_id, lane, what, stream, revision, position, due_at)
      SELECT item.id, true, item.order_id, item.lane, item.what, item.stream, item.revision, item.position, item.due_at
      FROM unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::integer[], $13::bigint[], $14::timestamptz[])
        AS item (id, order_id, lane, what, stream, revision, position, due_at)
      WHERE EXISTS (SELECT FROM fence)
      ON CONFLICT (id) DO UPDATE SET
        stream = excluded.stream, revision = excluded.revision, position = excluded.position, due_at = excluded.due_at,
        attempts = 0, last_error = NULL, claim_epoch = NULL, claimed_until = NULL
      WHERE excluded.position > old.position
    )
    SELECT FROM fence`,
};

// The lease's row is locked, so that a successor either waits for this row and sees it, or has taken the lease, which is seen here.
const holding = `SELECT FROM checkpoints WHERE name = $1 AND epoch = $2 FOR SHARE`;

const defer = {
  name: 'work.defer',
  text: `
    WITH holding AS (${holding}), woken AS (
      UPDATE process_manager_work SET due_at = clock_timestamp()
      WHERE $12 AND lane = $5 AND NOT is_deadline AND due_at > clock_timestamp() AND EXISTS (SELECT FROM holding)
    ), deferred AS (
      INSERT INTO process_manager_work
        (id, is_deadline, order_id, lane, what, stream, revision, position, due_at, last_error, claim_epoch, claimed_until)
      SELECT $3, false, $4, $5, $6, $7, $8, $9, ${after('$10')}, $13,
        CASE WHEN $11 > 0 THEN $2::bigint END, CASE WHEN $11 > 0 THEN ${after('$11')} END
      WHERE EXISTS (SELECT FROM holding)
      ON CONFLICT (id) DO NOTHING
    )
    SELECT FROM holding`,
};

const waiting = `SELECT lane, array_agg(id) AS ids FROM process_manager_work WHERE NOT is_deadline GROUP BY lane`;

const claim = {
  name: 'work.claim',
  text: `
    WITH holding AS (${holding}), due AS (
      SELECT found.id FROM unnest($3::text[], $4::integer[]) AS room (sort, places) CROSS JOIN LATERAL (
        SELECT w.id FROM process_manager_work AS w
        WHERE w.sort = room.sort AND w.due_at <= clock_timestamp() AND w.id <> ALL ($6::uuid[])
          AND (w.claimed_until IS NULL OR w.claimed_until < clock_timestamp() OR w.claim_epoch <> $2)
          AND (w.is_deadline OR NOT EXISTS (
            SELECT FROM process_manager_work AS earlier
            WHERE earlier.lane = w.lane AND NOT earlier.is_deadline AND (earlier.position, earlier.what) < (w.position, w.what)))
        ORDER BY w.due_at LIMIT room.places FOR UPDATE SKIP LOCKED
      ) AS found
      WHERE EXISTS (SELECT FROM holding)
    )
    UPDATE process_manager_work AS w
    SET claim_epoch = $2, claimed_until = ${after('$5')}, attempts = w.attempts + 1
    FROM due WHERE w.id = due.id
    RETURNING w.id, w.is_deadline, w.order_id, w.lane, w.what, w.stream, w.revision, w.position, w.attempts`,
};

const settle = { name: 'work.settle', text: 'DELETE FROM process_manager_work WHERE id = $1 AND claim_epoch = $2' };

const postpone = {
  name: 'work.postpone',
  text: `UPDATE process_manager_work SET due_at = ${after('$3')}, last_error = $4, claimed_until = NULL
    WHERE id = $1 AND claim_epoch = $2`,
};

const ofOrder = {
  name: 'work.of-order',
  text: `SELECT id, is_deadline, order_id, lane, what, stream, revision, position, attempts, due_at, last_error
    FROM process_manager_work WHERE order_id = $1 ORDER BY due_at`,
};

interface Row {
  readonly id: string;
  readonly is_deadline: boolean;
  readonly order_id: string;
  readonly lane: string;
  readonly what: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly attempts: number;
}

const itemOf = ({ id, is_deadline, order_id, lane, what, stream, revision, position }: Row): WorkItem => ({
  id,
  kind: is_deadline ? 'deadline' : 'reaction',
  orderId: order_id,
  lane,
  what,
  trigger: { stream, revision, position },
});

const columnsOf = (rows: readonly DeadlineRow[]) => [
  rows.map(({ id }) => id),
  rows.map(({ orderId }) => orderId),
  rows.map(({ lane }) => lane),
  rows.map(({ what }) => what),
  rows.map(({ trigger }) => trigger.stream),
  rows.map(({ trigger }) => trigger.revision),
  rows.map(({ trigger }) => trigger.position),
  rows.map(({ dueAt }) => dueAt),
];

function timesOf(until: DeferredUntil): { dueIn: number; claimedFor: number } {
  if (until === 'behind') return { dueIn: 0, claimedFor: 0 };
  return 'dueIn' in until ? { dueIn: until.dueIn, claimedFor: 0 } : { dueIn: 0, claimedFor: until.claimedFor };
}

const longestError = 1000;

/** Work rows in the table that `workMigrations` makes, fenced by the checkpoint of this name. */
export function postgresWork(database: Database, checkpoint: string): Work {
  const fenced = ({ epoch }: Lease, what: string) =>
    new Fenced(`${what}: another process has taken the lease of ${checkpoint} (ours is number ${epoch}).`);

  return {
    async save(lease, from, to, set, cleared) {
      const values = [checkpoint, lease.epoch, to?.position ?? null, to?.eventId ?? null, from, cleared, ...columnsOf(set)];
      const { rowCount } = await database.query(save, values);
      if (rowCount !== 1) throw fenced(lease, `The checkpoint was not moved to ${to?.position}`);
    },

    async defer(lease, { id, orderId, lane, what, trigger }, until, reason) {
      const { dueIn, claimedFor } = timesOf(until);
      const { stream, revision, position } = trigger;
      const item = [id, orderId, lane, what, stream, revision, position];
      const values = [checkpoint, lease.epoch, ...item, dueIn, claimedFor, until === 'behind', reason.slice(0, longestError)];
      const { rowCount } = await database.query(defer, values);
      if (rowCount !== 1) throw fenced(lease, `${what} of order ${orderId} was not written as a row`);
    },

    async waiting() {
      const { rows } = await database.query<{ lane: string; ids: string[] }>(waiting);
      return new Map(rows.map(({ lane, ids }) => [lane, ids]));
    },

    async claim(lease, room, claimFor, running) {
      const values = [checkpoint, lease.epoch, [...room.keys()], [...room.values()], claimFor, running];
      const { rows } = await database.query<Row>(claim, values);
      return rows.map((row): ClaimedRow => ({ ...itemOf(row), attempts: row.attempts }));
    },

    settle: async ({ epoch }, id) => void (await database.query(settle, [id, epoch])),

    postpone: async ({ epoch }, id, delay, reason) =>
      void (await database.query(postpone, [id, epoch, delay, reason.slice(0, longestError)])),

    async ofOrder(orderId) {
      const { rows } = await database.query<Row & { due_at: Date; last_error: string | null }>(ofOrder, [orderId]);
      return rows.map(
        (row): WaitingRow => ({
          ...itemOf(row),
          attempts: row.attempts,
          dueAt: row.due_at,
          lastError: row.last_error,
        }),
      );
    },
  };
}
