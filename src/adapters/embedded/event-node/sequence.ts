// What can be read in order: one stream, or the whole log. A sequence counts its own events from 0 (a stream's count is the revision);
// readers walk it without knowing which of the two it is.

import type { LogIndex, StreamEntry } from './log-index.js';
import { readStored } from './stored-event.js';
import { describedBy, metadataStreamLimits } from './stream-limits.js';

export interface Sequence {
  /** The count behind the last visible event. */
  end(): number;
  /** The first count that is kept; `end` if none is. */
  start(): number;
  ordinalAt(count: number): number;
  /** Whether the event is still kept; asked only where its age decides. */
  readonly keeps: ((stored: Buffer) => boolean) | undefined;
}

/** Every event of the log, also those that their streams no longer show. */
export function allEvents(index: LogIndex): Sequence {
  return { end: () => index.visible, start: () => 0, ordinalAt: (count) => count, keeps: undefined };
}

/** The events of a stream that its metadata lets it keep. The stream may come to exist later. */
export function eventsOf(index: LogIndex, name: string): Sequence {
  let found: StreamEntry | undefined;
  const entry = (): StreamEntry | undefined => {
    found ??= index.find(name);
    return found;
  };
  const limits = () => (describedBy(name) === undefined ? entry()?.limits : metadataStreamLimits);
  const end = (): number => entry()?.visible ?? 0;
  return {
    end,
    start() {
      const { maxCount, truncateBefore = 0 } = limits() ?? {};
      return Math.min(end(), Math.max(truncateBefore, maxCount === undefined ? 0 : end() - maxCount));
    },
    ordinalAt: (revision) => entry()?.ordinals[revision] ?? -1,
    get keeps() {
      const seconds = limits()?.maxAgeSeconds;
      if (seconds === undefined) return undefined;
      const oldest = Date.now() - seconds * 1000;
      return (stored: Buffer) => readStored(stored).created >= oldest;
    },
  };
}
