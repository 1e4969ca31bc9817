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
  /** The ordinal of what stands at this count; -1 if a scavenge has removed it. */
  ordinalAt(count: number): number;
  /** The position of what stands, or stood, at this count. */
  positionAt(count: number): number;
  /** Whether a tombstone has ended it: it is not to be read any more. */
  isOver(): boolean;
  /** Whether the event is still kept; asked only where its age decides. */
  readonly keeps: ((stored: Buffer) => boolean) | undefined;
}

/** Every event of the log, also those that their streams no longer show. */
export function allEvents(index: LogIndex): Sequence {
  return {
    end: () => index.visible,
    start: () => 0,
    ordinalAt: (count) => (index.streamNumberOf(count) < 0 ? -1 : count),
    positionAt: (count) => index.positionOf(count),
    isOver: () => false,
    keeps: undefined,
  };
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
  const described = describedBy(name);
  const hasTombstone = (): boolean => entry()?.tombstone === 'visible';
  return {
    end,
    start() {
      const { maxCount, truncateBefore = 0 } = limits() ?? {};
      // Whatever the limits say, who follows the stream is shown its tombstone.
      const last = hasTombstone() ? end() - 1 : end();
      return Math.min(last, Math.max(entry()?.first ?? 0, truncateBefore, maxCount === undefined ? 0 : end() - maxCount));
    },
    positionAt: (revision) => index.positionOf(entry()?.ordinalAt(revision) ?? -1),
    ordinalAt: (revision) => entry()?.ordinalAt(revision) ?? -1,
    isOver: () => hasTombstone() || (described !== undefined && index.find(described)?.tombstone === 'visible'),
    get keeps() {
      const seconds = limits()?.maxAgeSeconds;
      if (seconds === undefined) return undefined;
      const oldest = Date.now() - seconds * 1000;
      return (stored: Buffer) => readStored(stored).created >= oldest;
    },
  };
}
