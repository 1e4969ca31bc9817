// Where every event stands, in memory: 12 bytes an event for the whole log and 8 for its stream, and one object a stream. No bodies.
// What has been placed but is not durable yet is in here too, behind the visible part, and no reader looks there.

import type { StreamLimits } from './stream-limits.js';

export interface StreamEntry {
  readonly name: string;
  readonly number: number;
  /** The ordinals of its events in log order; the index within is the revision. */
  readonly ordinals: number[];
  /** How many of them are durable. */
  visible: number;
  /** What its metadata stream says it keeps. */
  limits: StreamLimits | undefined;
  /** Whether its last event is a tombstone, durable or not: nothing comes after it, and the stream is never read again. */
  tombstoned: boolean;
}

export interface LogIndex {
  /** Events placed, durable or not. */
  readonly length: number;
  /** Events that are durable, and so visible. */
  readonly visible: number;
  find(name: string): StreamEntry | undefined;
  ensure(name: string): StreamEntry;
  /** Places the next event and returns its ordinal. */
  add(stream: StreamEntry, position: number): number;
  /** Makes everything placed below this ordinal visible. */
  publish(ordinal: number): void;
  positionOf(ordinal: number): number;
  streamOf(ordinal: number): StreamEntry;
  /** The first visible ordinal whose position is at or behind this one; `visible` if there is none. */
  atOrBehind(position: number): number;
}

const FIRST_CAPACITY = 1024;

/** An empty index. */
export function createLogIndex(): LogIndex {
  const byName = new Map<string, StreamEntry>();
  const streams: StreamEntry[] = [];
  let positions = new Float64Array(FIRST_CAPACITY);
  let streamNumbers = new Uint32Array(FIRST_CAPACITY);
  let length = 0;
  let visible = 0;

  function streamOf(ordinal: number): StreamEntry {
    const entry = streams[streamNumbers[ordinal] ?? -1];
    if (entry === undefined) throw new RangeError(`The log has no event ${ordinal}.`);
    return entry;
  }

  function grow(): void {
    const capacity = Math.ceil(positions.length * 1.5);
    const morePositions = new Float64Array(capacity);
    morePositions.set(positions);
    positions = morePositions;
    const moreNumbers = new Uint32Array(capacity);
    moreNumbers.set(streamNumbers);
    streamNumbers = moreNumbers;
  }

  return {
    get length() {
      return length;
    },
    get visible() {
      return visible;
    },
    find: (name) => byName.get(name),
    ensure(name) {
      const known = byName.get(name);
      if (known !== undefined) return known;
      const entry: StreamEntry = { name, number: streams.length, ordinals: [], visible: 0, limits: undefined, tombstoned: false };
      streams.push(entry);
      byName.set(name, entry);
      return entry;
    },
    add(stream, position) {
      if (length === positions.length) grow();
      positions[length] = position;
      streamNumbers[length] = stream.number;
      stream.ordinals.push(length);
      return length++;
    },
    publish(ordinal) {
      for (; visible < ordinal; visible++) streamOf(visible).visible += 1;
    },
    positionOf: (ordinal) => positions[ordinal] ?? Number.NaN,
    streamOf,
    atOrBehind(position) {
      let low = 0;
      let high = visible;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((positions[middle] ?? 0) < position) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
