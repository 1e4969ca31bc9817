// Where the log ends for us: at the last event that anybody who follows our streams is delivered.

import type { EventStore } from '../../domain/log/event-store.js';

const pageSize = 32;

/**
 * The position of the last event of the streams whose names begin with one of the prefixes; `null` if there is none. Events of the system
 * and of strangers may lie behind it, and are never waited for.
 * @throws Unavailable
 */
export async function logHead(store: EventStore, streamPrefixes: readonly string[]): Promise<bigint | null> {
  let from: bigint | undefined;
  for (;;) {
    let seen = 0;
    for await (const { stream, position } of store.readAll({
      direction: 'backwards',
      limit: pageSize,
      ...(from === undefined ? {} : { from }),
    })) {
      if (streamPrefixes.some((prefix) => stream.startsWith(prefix))) return position;
      from = position;
      seen++;
    }
    if (seen < pageSize) return null;
  }
}
