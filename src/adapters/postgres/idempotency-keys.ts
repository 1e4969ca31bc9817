// The rows behind Idempotency-Key in a table: the adapter behind the port of the same name in the API. Each thing that is asked of them is
// one statement, because a keyed request waits for two.

import type { Database } from './database.js';
import type { Migration } from './migrate.js';

export const idempotencyKeyMigrations: readonly Migration[] = [
  {
    name: '0001-idempotency-keys',
    up: async (knex) => {
      await knex.raw(`
        CREATE TABLE idempotency_keys (
          principal     text        NOT NULL,
          key           text        NOT NULL,
          request_hash  bytea       NOT NULL,
          log_id        text        NOT NULL,
          command_id    uuid        NOT NULL,
          claimed_by    uuid,
          claimed_until timestamptz,
          status        smallint,
          headers       jsonb,
          body          text,
          created_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
          PRIMARY KEY (principal, key),
          CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
          CHECK ((status IS NULL) = (headers IS NULL) AND (body IS NULL OR status IS NOT NULL)),
          CHECK (status IS NULL OR claimed_by IS NULL)
        )`);
      await knex.raw('CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)');
    },
    down: async (knex) => {
      await knex.raw('DROP TABLE idempotency_keys');
    },
  },
];

export interface IdempotencyKeyOptions {
  /** How long a row is kept, in milliseconds. */
  readonly retentionMs: number;
  /** How long a claim holds unless it is renewed, in milliseconds. */
  readonly claimMs?: number;
  /** How many rows a sweep drops at most. */
  readonly sweepRows?: number;
}

interface Claim {
  readonly principal: string;
  readonly key: string;
  readonly runId: string;
}

interface Request extends Claim {
  readonly requestHash: Uint8Array;
  readonly logId: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

interface ClaimRow {
  readonly outcome: 'claimed' | 'answered' | 'reused' | 'in-use';
  readonly command_id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

// The time at which a statement began is the same in all of its parts, and early rather than late where the statement has had to wait: a
// claim is then taken for one that still holds.
const now = 'statement_timestamp()';
const from = (milliseconds: string) => `${now} + ${milliseconds} * interval '1 millisecond'`;

/** What counts: a row of this log that is not too old. Anything else may be made anew. */
const current = `(k.log_id = $4 AND k.created_at > ${now} - $7 * interval '1 millisecond')`;
const free = `(k.claimed_until IS NULL OR k.claimed_until <= ${now})`;

// The second half sees the table as it was when the statement began: a row that another has made since is in neither half, and in use.
const claim = {
  name: 'idempotency-keys.claim',
  text: `WITH claimed AS (
      INSERT INTO idempotency_keys AS k (principal, key, request_hash, log_id, command_id, claimed_by, claimed_until)
      VALUES ($1, $2, $3, $4, $5, $5, ${from('$6')})
      ON CONFLICT (principal, key) DO UPDATE SET
        request_hash = excluded.request_hash, log_id = excluded.log_id,
        command_id = CASE WHEN ${current} THEN k.command_id ELSE excluded.command_id END,
        created_at = CASE WHEN ${current} THEN k.created_at ELSE excluded.created_at END,
        claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until,
        status = NULL, headers = NULL, body = NULL
      WHERE ${free} AND (NOT ${current} OR (k.status IS NULL AND k.request_hash = excluded.request_hash))
      RETURNING k.command_id)
    SELECT 'claimed' AS outcome, command_id, NULL::smallint AS status, NULL::jsonb AS headers, NULL::text AS body FROM claimed
    UNION ALL
    SELECT found.outcome, NULL, k.status, k.headers, CASE WHEN found.outcome = 'answered' THEN k.body END
    FROM idempotency_keys AS k
    CROSS JOIN LATERAL (SELECT CASE
      WHEN NOT ${current} THEN 'in-use'
      WHEN k.request_hash <> $3 THEN 'reused'
      WHEN k.status IS NULL THEN 'in-use'
      ELSE 'answered' END AS outcome) AS found
    WHERE k.principal = $1 AND k.key = $2 AND NOT EXISTS (SELECT FROM claimed)`,
};

const renew = {
  name: 'idempotency-keys.renew',
  text: `UPDATE idempotency_keys AS k SET claimed_until = ${from('$4')}
    FROM unnest($1::text[], $2::text[], $3::uuid[]) AS held (principal, key, run)
    WHERE k.principal = held.principal AND k.key = held.key AND k.claimed_by = held.run`,
};

const store = {
  name: 'idempotency-keys.store',
  text: `UPDATE idempotency_keys SET status = $4, headers = $5, body = $6, claimed_by = NULL, claimed_until = NULL
    WHERE principal = $1 AND key = $2 AND claimed_by = $3`,
};

const release = {
  name: 'idempotency-keys.release',
  text: `UPDATE idempotency_keys SET claimed_by = NULL, claimed_until = NULL
    WHERE principal = $1 AND key = $2 AND claimed_by = $3`,
};

// Processes that sweep at the same time pass each other's rows over.
const drop = `DELETE FROM idempotency_keys WHERE (principal, key) IN (
    SELECT principal, key FROM idempotency_keys AS k
    WHERE k.created_at <= ${now} - $1 * interval '1 millisecond' AND ${free}
    ORDER BY k.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/** Keys in the database's table `idempotency_keys`, which `idempotencyKeyMigrations` makes. */
export function postgresIdempotencyKeys(
  database: Pick<Database, 'query'>,
  { retentionMs, claimMs = 5_000, sweepRows = 1_000 }: IdempotencyKeyOptions,
) {
  return {
    claimMs,
    claim: async ({ principal, key, requestHash, logId, runId }: Request) => {
      const values = [principal, key, requestHash, logId, runId, claimMs, retentionMs];
      const [row] = (await database.query<ClaimRow>(claim, values)).rows;
      if (row === undefined) return { outcome: 'in-use' } as const;
      const { outcome, command_id: commandId, status, headers, body } = row;
      if (outcome === 'claimed') return { outcome, commandId };
      if (outcome === 'answered') return { outcome, answer: { status, headers, text: body } };
      return { outcome };
    },
    renew: async (claims: readonly Claim[]): Promise<void> => {
      const columns = [claims.map(({ principal }) => principal), claims.map(({ key }) => key), claims.map(({ runId }) => runId)];
      await database.query(renew, [...columns, claimMs]);
    },
    store: async ({ principal, key, runId }: Claim, { status, headers, text }: Answer): Promise<boolean> =>
      (await database.query(store, [principal, key, runId, status, headers, text])).rowCount === 1,
    release: async ({ principal, key, runId }: Claim): Promise<void> =>
      void (await database.query(release, [principal, key, runId])),
    sweep: async () => {
      const { rowCount: dropped } = await database.query(drop, [retentionMs, sweepRows]);
      return { dropped, more: dropped === sweepRows };
    },
  };
}
