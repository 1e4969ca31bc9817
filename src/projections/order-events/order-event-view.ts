// An event as it is shown in the story of an order: what happened, where it stands in the log, and what caused it.

import { z } from 'zod';
import { type DomainEvent, eventTypes } from '../../domain/event-catalogue.js';
import { formatPosition } from '../../domain/log/position.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { instant } from '../../domain/values.js';
import { positionToken } from '../shapes.js';

export const eventView = z.object({
  position: positionToken,
  at: instant,
  stream: z.string(),
  revision: z.int().nonnegative(),
  type: z.string(),
  /** Of the data's shape. */
  version: z.int().positive(),
  id: z.uuid(),
  causationId: z.uuid(),
  commandId: z.uuid(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type EventView = z.infer<typeof eventView>;

/** The event as it is shown, but for its position. */
export type PlacelessEventView = Omit<EventView, 'position'>;

/** What is shown of an event beside its position. Its version is the one that the data has after decoding, which upcasts it. */
export const placelessView = ({ event, at, stream, revision, id, metadata }: Recorded<DomainEvent>): PlacelessEventView => ({
  at,
  stream,
  revision,
  type: event.type,
  version: eventTypes.get(event.type)?.version ?? metadata.schemaVersion,
  id,
  causationId: metadata.$causationId,
  commandId: metadata.commandId,
  actor: metadata.actor,
  data: event.data,
});

/** The event as it is shown. */
export const toEventView = (recorded: Recorded<DomainEvent>, logId: string): EventView => ({
  position: formatPosition(logId, recorded.position),
  ...placelessView(recorded),
});
