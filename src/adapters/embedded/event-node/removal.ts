// Decides removals: a soft delete, after which a stream can come back, and a tombstone, after which it cannot. As in EventStoreDB a soft
// delete is a line of metadata, and a tombstone an event that ends the stream.

import { randomUUID } from 'node:crypto';
import type { AppendOutcome } from './append-outcome.js';
import type { Journal } from './journal.js';
import type { StreamEntry } from './log-index.js';
import type { Target } from './proposal.js';
import { metadataStreamOf, SOFT_DELETION } from './stream-limits.js';
import { metadataEvent, type StreamState, type StreamStates } from './stream-states.js';

export type Removal = 'delete' | 'tombstone';

/** Decides and places a removal, in one turn of the event loop. */
export function createRemover(journal: Journal, states: StreamStates) {
  return ({ stream, name, expected }: Target, removal: Removal): AppendOutcome => {
    if (journal.failure !== undefined) return { kind: 'read-only', reason: journal.failure };
    const state = states.of(stream, name);
    const exists = states.exists(stream, state.current);
    const refused = refusalOf(state, exists, expected);
    if (refused !== undefined) return refused;
    if (removal === 'tombstone') return placedLast(journal, journal.tombstone(name, tombstoneEvent()));
    if (!exists) return { kind: 'wrong-version', current: -1 };
    return placedLast(journal, states.place(Buffer.from(metadataStreamOf(stream)), [metadataEvent(SOFT_DELETION)]));
  };
}

function refusalOf(state: StreamState, exists: boolean, expected: Target['expected']): AppendOutcome | undefined {
  const { current } = state;
  if (state.tombstoned) return { kind: 'stream-deleted' };
  if (expected === 'any') return undefined;
  if (expected === 'exists') {
    if (state.softDeleted) return { kind: 'stream-deleted' };
    return exists ? undefined : { kind: 'wrong-version', current };
  }
  const isExpected = expected === 'no-stream' ? current < 0 || state.softDeleted : expected === current;
  return isExpected ? undefined : { kind: 'wrong-version', current };
}

const tombstoneEvent = () => ({
  id: randomUUID(),
  type: Buffer.from('$streamDeleted'),
  json: false,
  metadata: Buffer.alloc(0),
  data: Buffer.alloc(0),
});

const placedLast = ({ index }: Journal, entry: StreamEntry): AppendOutcome => ({
  kind: 'written',
  revision: entry.next - 1,
  position: index.positionOf(entry.ordinalAt(entry.next - 1)),
});
