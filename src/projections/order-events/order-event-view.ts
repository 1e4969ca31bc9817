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

/** The version that the data has after decoding, which upcasts it. */
export const shownVersion = (type: string): number => eventTypes.get(type)?.version ?? 1;

/** The event as it is shown. */
export const toEventView = ({ event, ...recorded }: Recorded<DomainEvent>, logId: string): EventView => ({
  position: formatPosition(logId, recorded.position),
  at: recorded.at,
  stream: recorded.stream,
  revision: recorded.revision,
  type: event.type,
  version: shownVersion(event.type),
  id: recorded.id,
  causationId: recorded.metadata.$causationId,
  commandId: recorded.metadata.commandId,
  actor: recorded.metadata.actor,
  data: event.data,
});
