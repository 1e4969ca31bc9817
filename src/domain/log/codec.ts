// Events to bytes and back. Old versions are upcast on reading; what cannot be read is a typed error, never dropped.

import { type DomainEvent, eventTypes } from '../event-catalogue.js';
import { InfrastructureError } from './errors.js';
import type { NewEvent, StoredEvent } from './event-store.js';
import { type Metadata, metadataSchema, type Recorded } from './recorded.js';

/** A type, or a version of it, that this version of the platform does not know: a newer one wrote it. Stop reading, give up the lease. */
export class UnknownEvent extends InfrastructureError {}

/** An event of a known type and version whose data or metadata do not fit their schema. */
export class MalformedEvent extends InfrastructureError {}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

const placeOf = (stored: StoredEvent) => `${stored.type} at ${stored.stream}@${stored.revision} (position ${stored.position})`;

/** Encodes an event of the current version. @throws MalformedEvent if it does not fit its own schema: a defect of the writer. */
export function encode(event: DomainEvent, id: string, metadata: Omit<Metadata, 'schemaVersion'>): NewEvent {
  const type = eventTypes.get(event.type);
  if (type === undefined) throw new UnknownEvent(`There is no event type ${event.type}.`);
  const checked = type.schema.safeParse(event.data);
  if (!checked.success) throw new MalformedEvent(`${event.type} does not fit its schema: ${checked.error.message}`);
  return {
    id,
    type: event.type,
    data: encoder.encode(JSON.stringify(event.data)),
    metadata: encoder.encode(JSON.stringify({ ...metadata, schemaVersion: type.version })),
  };
}

function parse(bytes: Uint8Array, stored: StoredEvent): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new MalformedEvent(`${placeOf(stored)} is not JSON.`, { cause });
  }
}

/** Decodes an event as it stands in the log, at the current version. @throws UnknownEvent, MalformedEvent */
export function decode(stored: StoredEvent): Recorded<DomainEvent> {
  const type = eventTypes.get(stored.type);
  if (type === undefined) throw new UnknownEvent(`${placeOf(stored)}: this version of Panglot does not know that type.`);
  const metadata = metadataSchema.safeParse(parse(stored.metadata, stored));
  if (!metadata.success) throw new MalformedEvent(`${placeOf(stored)} has malformed metadata: ${metadata.error.message}`);
  const { schemaVersion } = metadata.data;
  if (schemaVersion > type.version)
    throw new UnknownEvent(`${placeOf(stored)} is of version ${schemaVersion}; this version of Panglot knows ${type.version}.`);
  const upcast = type.upcasts.slice(schemaVersion - 1).reduce((data, step) => step(data), parse(stored.data, stored));
  const data = type.schema.safeParse(upcast);
  if (!data.success) throw new MalformedEvent(`${placeOf(stored)} does not fit its schema: ${data.error.message}`);
  return {
    // The schema was found by the type's name, so type and data belong together.
    event: { type: stored.type, data: data.data } as DomainEvent,
    id: stored.id,
    stream: stored.stream,
    revision: stored.revision,
    position: stored.position,
    at: metadata.data.occurredAt,
    metadata: metadata.data,
  };
}
