// The port to the rows behind Idempotency-Key. A row is committed before its request does anything, and holds what a retry needs to be the
// same command again; the answer comes into it last. When a row is asked is the business of idempotency.ts.

import type { Rendered } from './answer.js';

/** A request under its key. */
export interface KeyedRequest {
  /** Keys of different principals have nothing to do with each other. */
  readonly principal: string;
  readonly key: string;
  /** Of method, path and body: what makes a request the same one. */
  readonly requestHash: Uint8Array;
  /** A row of another log is as good as none: what it answered does not stand in this one. */
  readonly logId: string;
  /** A UUID of this request's own: of the command too, if the row is new. */
  readonly runId: string;
}

/** The right of one request to run under its key, until another has taken it over. */
export type Claim = Pick<KeyedRequest, 'principal' | 'key' | 'runId'>;

export type ClaimResult =
  /** Run, as the command that the row names. The row is committed. */
  | { readonly outcome: 'claimed'; readonly commandId: string }
  | { readonly outcome: 'answered'; readonly answer: Rendered }
  /** The key belongs to another request. */
  | { readonly outcome: 'reused' }
  /** The same request is under way. */
  | { readonly outcome: 'in-use' };

/** The clock of every claim, and of what is kept, is the database's. */
export interface IdempotencyKeys {
  /** How long a claim holds unless it is renewed, in milliseconds. */
  readonly claimMs: number;

  /** Claims the key's row, making it if there is none, or says what is there. @throws Unavailable, OutcomeUnknown (it lapses) */
  claim(request: KeyedRequest): Promise<ClaimResult>;

  /** Holds those claims that nobody has taken over for another `claimMs`. @throws Unavailable, OutcomeUnknown */
  renew(claims: readonly Claim[]): Promise<void>;

  /** Keeps the answer and ends the claim; false if the claim was taken over. @throws Unavailable, OutcomeUnknown */
  store(claim: Claim, answer: Rendered): Promise<boolean>;

  /** Ends the claim without an answer, so that a retry need not wait until it lapses. @throws Unavailable, OutcomeUnknown */
  release(claim: Claim): Promise<void>;

  /** Drops some of the rows that have been kept long enough; how many those were, and whether there may be more. @throws Unavailable */
  sweep(): Promise<{ readonly dropped: number; readonly more: boolean }>;
}
