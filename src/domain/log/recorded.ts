// An event as readers see it: decoded, with its place in the log and what is known about how it came to be.

import { z } from 'zod';
import { instant } from '../values.js';

/** What every event carries beside its data. Names with `$` are EventStoreDB's own. */
export const metadataSchema = z.object({
  /** The order, else the request: what belongs together. */
  $correlationId: z.uuid(),
  /** The event that triggered the command, else the command. */
  $causationId: z.uuid(),
  commandId: z.uuid(),
  /** Who asked: a principal, or `process-manager`. */
  actor: z.string(),
  schemaVersion: z.int().positive(),
  appVersion: z.string(),
  occurredAt: instant,
  /** W3C Trace Context. */
  traceparent: z.string().optional(),
});
export type Metadata = z.infer<typeof metadataSchema>;

export interface Recorded<Event> {
  readonly event: Event;
  readonly id: string;
  readonly stream: string;
  /** Counts from 0 within the stream. */
  readonly revision: number;
  readonly position: bigint;
  /** When it happened, by the clock of the process that decided it. */
  readonly at: string;
  readonly metadata: Metadata;
}
