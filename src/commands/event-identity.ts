// How decided events get their ids and their metadata.

import { v5 as uuid5 } from 'uuid';
import type { DomainEvent } from '../domain/event-catalogue.js';
import { encode } from '../domain/log/codec.js';
import type { NewEvent } from '../domain/log/event-store.js';
import type { CommandContext } from './command.js';

/** An id that is the same for ever for the same names: UUIDv5 (RFC 9562) within the namespace of another id. */
export const derivedId = (namespace: string, ...names: readonly (string | number)[]): string => uuid5(names.join('/'), namespace);

/**
 * The events of one command as they are appended. An event's id is derived from (command id, stream, index), so that the same command
 * appended again at the same expected revision is the same append.
 */
export function encodeDecided(
  events: readonly DomainEvent[],
  stream: string,
  context: CommandContext,
  appVersion: string,
): readonly NewEvent[] {
  const { commandId, correlationId, causationId, actor, at, traceparent } = context;
  const metadata = {
    $correlationId: correlationId,
    $causationId: causationId ?? commandId,
    commandId,
    actor,
    appVersion,
    occurredAt: at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return events.map((event, index) => encode(event, derivedId(commandId, stream, index), metadata));
}
