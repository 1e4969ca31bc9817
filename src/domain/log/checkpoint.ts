// The port to the checkpoints: how far each reader of the log has come, and who may move it on. A lease is for liveness; what keeps two
// readers from writing is the fence, which stands in the same transaction as what was read.

/** A statement with a name is parsed once a connection: for what runs all the time. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Rows returned, or touched by a write. */
  readonly rowCount: number;
}

/** An open transaction, or the database itself where each statement is its own. The caller vouches for the shape of a row. */
export interface Tx {
  query<Row = Record<string, unknown>>(statement: string | Statement, values?: readonly unknown[]): Promise<Rows<Row>>;
}

/** The last event that a reader has handled. Its id is kept so that a log that was exchanged is noticed. */
export interface Place {
  /** Commit position, equal to the prepare position. */
  readonly position: bigint;
  readonly eventId: string;
}

export interface Checkpoint {
  readonly name: string;
  /** Of the reader that made the row; whether it is still the right one is the reader's question. */
  readonly version: number;
  /** The log that the place is in. */
  readonly logId: string;
  /** Null: from the log's start. */
  readonly place: Place | null;
}

/** The right to move some checkpoints on, until somebody else takes it. */
export interface Lease {
  readonly names: readonly string[];
  /** Raised at every take: what an older lease writes is refused. */
  readonly epoch: bigint;
}

export interface LeaseRequest {
  readonly readers: readonly { readonly name: string; readonly version: number }[];
  /** Recorded in rows that do not exist yet. */
  readonly logId: string;
  /** Unique to the taker, and telling to an operator: host, process, start. */
  readonly holder: string;
  readonly ttlMs: number;
}

export type LeaseResult =
  | { readonly outcome: 'acquired'; readonly lease: Lease; readonly checkpoints: ReadonlyMap<string, Checkpoint> }
  | { readonly outcome: 'held'; readonly by: string; readonly until: Date };

/** The clock of every lease is the database's. */
export interface Checkpoints {
  /**
   * Takes the lease of all the readers at once, or of none; rows that are missing are made. One's own lease may be taken again, which
   * fences whatever still runs under the old one. @throws Unavailable, OutcomeUnknown (take it again)
   */
  acquire(request: LeaseRequest): Promise<LeaseResult>;

  /** Holds the lease for another `ttlMs`; false if it was taken over: stand down. @throws Unavailable, OutcomeUnknown */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;

  /** Lets go, so that another need not wait for the time to run out. Does nothing if it was taken over. @throws Unavailable, OutcomeUnknown */
  release(lease: Lease): Promise<void>;

  /**
   * The fence, to be the first statement of the transaction that writes what was read: moves every checkpoint of the lease from where the
   * reader believes it to be (by name; null: the start) to `to`.
   * @throws Fenced the lease was taken over, or a checkpoint is not where it should be: roll back and stand down.
   */
  advance(tx: Tx, lease: Lease, from: ReadonlyMap<string, bigint | null>, to: Place): Promise<void>;

  /** Where these readers are, without a lease; one that has never run is missing. @throws Unavailable */
  read(names: readonly string[]): Promise<ReadonlyMap<string, Checkpoint>>;
}
