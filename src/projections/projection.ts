// What a projection is: tables, and a pure function from an event to changes of their rows. Batches, the fence, checkpoints and leases
// are the runtime's, so that no projection can forget them.

import type { Knex } from 'knex';
import type { DomainEvent } from '../domain/event-catalogue.js';
import type { Recorded } from '../domain/log/recorded.js';
import type { Sql } from './sql.js';

/** One step of the schema. Its name is permanent and unique over all projections. */
export interface Migration {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
  readonly down: (knex: Knex) => Promise<void>;
}

/** Methods, so that projections with different kinds of change fit into one list. */
export interface Projection<Change = unknown> {
  /** The name of its checkpoint; permanent. */
  readonly name: string;
  /** Raised when the same events would give other rows: those of an older version have to be rebuilt. */
  readonly version: number;
  readonly migrations: readonly Migration[];
  /** What an event changes; nothing if it does not concern this projection. Pure: no I/O, no clock. */
  project(recorded: Recorded<DomainEvent>): readonly Change[];
  /**
   * Writes the changes of a batch, in log order and never empty: a few statements, however many changes. Runs inside the runtime's
   * transaction, which also moves the checkpoint: whatever it does here happens exactly once.
   */
  write(sql: Sql, changes: readonly Change[]): Promise<void>;
}

/** For the events that do not concern a projection: nothing is allocated for them. */
export const unconcerned: readonly never[] = [];

/** Whether an event is one of an aggregate's, told by the schemas of its event types. */
export function isAmong<Event extends DomainEvent>(schemas: Readonly<Record<Event['type'], unknown>>) {
  const types = new Set(Object.keys(schemas));
  return (recorded: Recorded<DomainEvent>): recorded is Recorded<Event> => types.has(recorded.event.type);
}

/** A migration in plain SQL. */
export const sqlMigration = (name: string, up: string, down: string): Migration => ({
  name,
  up: async (knex) => void (await knex.raw(up)),
  down: async (knex) => void (await knex.raw(down)),
});
