// What a log holds besides its events one by one: how many, their digest, the metadata and the tombstones in force. Two logs with the same
// content are copies of each other.

import { createHash } from 'node:crypto';
import type { LoggedEvent } from './log-reader.js';

/** Everything that a copy keeps of an event, as bytes in which no two events look alike. */
function* fieldsOf({ stream, revision, id, type, isJson, data, metadata }: LoggedEvent): Generator<Uint8Array> {
  const head = Buffer.from(JSON.stringify([stream, revision, id, type, isJson, data.length, metadata.length]));
  yield head;
  yield data;
  yield metadata;
}

/** Whether a copy of the one is the other. */
export function isCopyOf(one: LoggedEvent, other: LoggedEvent): boolean {
  return (
    one.id === other.id &&
    one.stream === other.stream &&
    one.revision === other.revision &&
    one.type === other.type &&
    one.isJson === other.isJson &&
    Buffer.compare(one.data, other.data) === 0 &&
    Buffer.compare(one.metadata, other.metadata) === 0
  );
}

export const placeOf = ({ stream, revision, type }: LoggedEvent): string => `${type} at ${stream}@${revision}`;

export class LogContent {
  #events = 0;
  readonly #hash = createHash('sha256');
  /** The last metadata event of each stream that has any, by the stream's name. */
  readonly metadata = new Map<string, LoggedEvent>();
  /** The ids of all metadata events there ever were. */
  readonly metadataIds = new Set<string>();
  readonly tombstones = new Set<string>();
  /** Events of the server's own streams, which are not copied. */
  system = 0;

  get events(): number {
    return this.#events;
  }

  /** Takes note of an event of any kind. */
  add(event: LoggedEvent): void {
    switch (event.kind) {
      case 'system':
        this.system += 1;
        return;
      case 'tombstone':
        this.tombstones.add(event.stream);
        return;
      case 'metadata':
        this.metadata.set(event.describes, event);
        this.metadataIds.add(event.id);
        return;
      case 'event':
        this.#events += 1;
        for (const field of fieldsOf(event)) this.#hash.update(field);
    }
  }

  /** Over all events in their order. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** Reads on to the next event that is copied as it is, taking note of everything on the way; it itself is not noted yet. */
export async function nextEvent(
  next: () => Promise<LoggedEvent | undefined>,
  content: LogContent,
): Promise<LoggedEvent | undefined> {
  for (;;) {
    const event = await next();
    if (event === undefined || event.kind === 'event') return event;
    content.add(event);
  }
}

/** The differences in metadata and tombstones, a sentence each. Ids of metadata may differ where the server has written it itself. */
export function* differencesOf(source: LogContent, target: LogContent): Generator<string> {
  for (const [stream, { data }] of source.metadata) {
    const copied = target.metadata.get(stream);
    if (copied === undefined) yield `The metadata of ${stream} is missing.`;
    else if (Buffer.compare(copied.data, data) !== 0) yield `The metadata of ${stream} is different.`;
  }
  for (const stream of target.metadata.keys())
    if (!source.metadata.has(stream)) yield `${stream} has metadata that the source does not have.`;
  for (const stream of source.tombstones) if (!target.tombstones.has(stream)) yield `${stream} is not deleted for good.`;
  for (const stream of target.tombstones) if (!source.tombstones.has(stream)) yield `${stream} is deleted for good.`;
}
