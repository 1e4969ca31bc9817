// What becomes of an append or of a removal.

export type AppendOutcome =
  /** Revision and position of the append's last event; no position if it had none. */
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  /** The current revision; -1 if there is no such stream. */
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'bad-request'; readonly reason: string }
  /** An event lacks a property that every event has. */
  | { readonly kind: 'incomplete'; readonly property: string }
  /** Not written, and will not be. */
  | { readonly kind: 'read-only'; readonly reason: string }
  /** Nobody knows whether it was written. */
  | { readonly kind: 'unknown'; readonly reason: string };
