// The port through which read models are written and read. Which database that is, and how connections are pooled, is the adapter's matter.

import type { Tx } from '../domain/log/checkpoint.js';

/** Statements on the read models of one log: rows hold bare positions, and what is shown of them are tokens of this log. */
export interface Sql {
  readonly logId: string;
  readonly query: Tx['query'];
}

/** Gives a database, or an open transaction, the log whose read models it holds. */
export const sqlOf = (tx: Tx, logId: string): Sql => ({ logId, query: (statement, values) => tx.query(statement, values) });
