// Keeps each stream's limits as its metadata stream has them: the last durable event of `$$name` counts.

import type { Journal } from './journal.js';
import type { LogIndex } from './log-index.js';
import { readStored } from './stored-event.js';
import { describedBy, parseLimits } from './stream-limits.js';

/** Takes note of an event, if it is metadata. */
function noteMetadata(index: LogIndex, ordinal: number, stored: Buffer): void {
  const described = describedBy(index.streamOf(ordinal).name);
  if (described !== undefined) index.ensure(described).limits = parseLimits(readStored(stored).data);
}

/** Takes note of all metadata from now on, the moment it becomes visible. */
export function followMetadata(journal: Journal): void {
  const { index } = journal;
  journal.onPublished((from, to) => {
    for (let ordinal = from; ordinal < to; ordinal++) {
      if (!index.isMetadata(index.streamNumberOf(ordinal))) continue;
      const loaded = journal.load([ordinal]);
      if (!Array.isArray(loaded)) throw new Error('What has just been written is in memory.');
      for (const stored of loaded) noteMetadata(index, ordinal, stored);
    }
  });
}
