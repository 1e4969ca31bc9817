// What comes with a command and what comes back from it, the same for every aggregate.

/** Where a command comes from. Everything that a decision must not invent: ids and time. */
export interface CommandContext {
  /** The same command sent again has the same id. A UUID. */
  readonly commandId: string;
  /**
   * Of this run, if another may have run under the command's id with other bytes (the time, a price): its events get ids of their own.
   * Else the store would take its append for the other one's, and answer it as written. A UUID.
   */
  readonly runId?: string;
  /** The order, else the request. */
  readonly correlationId: string;
  /** The event that triggered the command; without it the command is its own cause. */
  readonly causationId?: string;
  /** A principal, or `process-manager`. */
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
  readonly traceparent?: string;
}

/** The revisions that a caller allows its command to be decided at: one of these, or any of a stream that exists. */
export type AllowedRevisions = 'exists' | readonly number[];

/** How a command ended. A conflict is never read as a refusal: it was decided anew, or it is unavailable. */
export type Outcome<State, Event, Refusal> =
  | {
      readonly outcome: 'decided';
      /** What this command added; nothing if it was a repeat or late. */
      readonly events: readonly Event[];
      /** The state after it. */
      readonly state: State;
      readonly revision: number;
      /** Of the stream's last event at that revision: everything up to here is to be seen by whoever waits for it. */
      readonly position: bigint;
    }
  | { readonly outcome: 'refused'; readonly refusal: Refusal; readonly state: State }
  | { readonly outcome: 'unavailable'; readonly reason: string };

/** Where a revision was expected: the stream is at this one (-1: there is none), and nothing was decided. */
export interface Mismatch {
  readonly outcome: 'mismatch';
  readonly revision: number;
}
