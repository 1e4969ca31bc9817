// The port to the event store: five operations over streams of encoded events. What the bytes mean is the codec's matter.
// The semantics are EventStoreDB's; an adapter that differs from them is wrong.

/** The revision that a stream must be at for an append to succeed. `ANY` is not among them, on purpose. */
export type ExpectedRevision = number | 'no-stream';

/** An event on its way in. `data` and `metadata` are UTF-8 JSON. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as it stands in the log. */
export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Counts from 0 within the stream. */
  readonly revision: number;
  /** The commit position, strictly increasing over the whole log; equal to the prepare position. */
  readonly position: bigint;
  /** The store's own clock when it was written. */
  readonly created: Date;
}

export type AppendResult =
  | { readonly outcome: 'appended'; readonly revision: number; readonly position: bigint }
  | { readonly outcome: 'conflict'; readonly actual: ExpectedRevision };

export interface ReadStream {
  readonly direction?: 'forwards' | 'backwards';
  /** Inclusive. Without it: the first event forwards, the last backwards. */
  readonly from?: number;
  readonly limit?: number;
}

export interface ReadAll {
  readonly direction?: 'forwards' | 'backwards';
  /** Inclusive forwards, exclusive backwards (EventStoreDB's rule). Without it: the log's start forwards, its end backwards. */
  readonly from?: bigint;
  readonly limit?: number;
}

export interface Follow {
  /** Exclusive: the last event that was handled. Without it: from the log's start. */
  readonly after?: bigint;
  /** Only streams whose names begin with one of these. */
  readonly streamPrefixes: readonly string[];
  readonly signal?: AbortSignal;
}

export interface StreamMetadata {
  readonly maxCount?: number;
  readonly maxAgeSeconds?: number;
  readonly truncateBefore?: number;
}

/**
 * What `follow` yields: all that has arrived since the last batch, in log order. A batch costs one promise, not one an event.
 * `caughtUp` is true in exactly one batch, whose events (perhaps none) end history; all that follows is live. No other batch is empty.
 */
export interface FollowedBatch {
  readonly events: readonly StoredEvent[];
  readonly caughtUp: boolean;
}

export interface EventStore {
  /**
   * Appends the events in one write, all or none, if the stream is at `expected`.
   * The same bytes at the same expected revision may be sent again after an `OutcomeUnknown`: if the first attempt was written, the
   * answer is its revision and position.
   * @throws OutcomeUnknown nobody knows whether it was written; @throws Unavailable it was not.
   */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult>;

  /** The events of one stream; none if it does not exist or was deleted. @throws Unavailable */
  readStream(stream: string, options?: ReadStream): AsyncIterable<StoredEvent>;

  /** The events of the whole log, system events included, in log order. @throws Unavailable */
  readAll(options?: ReadAll): AsyncIterable<StoredEvent>;

  /**
   * Follows the log, history first, then live. Never ends but by throwing (`Unavailable` when the connection is lost or the server
   * ends it; the signal's reason when aborted): resume after the last event handled.
   */
  follow(options: Follow): AsyncIterable<FollowedBatch>;

  /** Sets what a stream keeps. @throws Unavailable, OutcomeUnknown */
  setMetadata(stream: string, metadata: StreamMetadata): Promise<void>;
}
