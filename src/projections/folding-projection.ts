// The shape of most read models: a row for each stream of one aggregate, folded from its events. What they differ in is the table, the
// fold, and how the rows that a batch goes on from are read.

import type { DomainEvent } from '../domain/event-catalogue.js';
import type { Recorded } from '../domain/log/recorded.js';
import { isAmong, type Migration, type Projection, unconcerned } from './projection.js';
import { idOf } from './shapes.js';
import type { Sql } from './sql.js';

export interface Folding<Event extends DomainEvent, State> {
  readonly name: string;
  readonly version: number;
  readonly migrations: readonly Migration[];
  /** The aggregate's event types. */
  readonly events: Readonly<Record<Event['type'], unknown>>;
  /** What is stored of the streams that the events belong to, by id; those that the events begin may be missing. */
  readonly stored: (sql: Sql, events: readonly Recorded<Event>[]) => Promise<ReadonlyMap<string, State>>;
  /** The aggregate's view after one more event; `null` before its first. */
  readonly evolve: (state: State | null, recorded: Recorded<Event>, logId: string) => State;
  readonly write: (sql: Sql, states: readonly State[]) => Promise<void>;
}

/** A projection that reads the touched rows in one statement, folds the batch in memory and writes the rows in another. */
export function foldingProjection<Event extends DomainEvent, State>(folding: Folding<Event, State>): Projection<Recorded<Event>> {
  const { name, version, migrations, stored, evolve, write } = folding;
  const concerns = isAmong<Event>(folding.events);
  return {
    name,
    version,
    migrations,
    project: (recorded) => (concerns(recorded) ? [recorded] : unconcerned),
    write: async (sql, events) => {
      const before = await stored(sql, events);
      const folded = new Map<string, State>();
      for (const recorded of events) {
        const id = idOf(recorded.stream);
        folded.set(id, evolve(folded.get(id) ?? before.get(id) ?? null, recorded, sql.logId));
      }
      await write(sql, [...folded.values()]);
    },
  };
}

/** The ids of the streams that the events belong to. */
export const idsOf = (events: readonly Recorded<DomainEvent>[]): string[] => [...new Set(events.map(({ stream }) => idOf(stream)))];
