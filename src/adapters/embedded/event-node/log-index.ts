// Where every event stands, in memory: its position and its stream for the whole log, and for each stream its events in order. Columns of
// numbers and the streams' names, about 30 bytes an event and a stream's name; no bodies. What has been placed but is not durable yet is
// in here too, behind the visible part, and no reader looks there.

import { Corrupt } from '../../../domain/log/errors.js';
import { countBefore } from './binary-search.js';
import { Column } from './column.js';
import { createOrdinalLists } from './ordinal-lists.js';
import type { SegmentEvents } from './segment-events.js';
import { createStreamEntry, type StreamColumns, type StreamEntry } from './stream-entry.js';
import { METADATA_PREFIX, type StreamLimits } from './stream-limits.js';
import { createStreamNames, type StreamNames } from './stream-names.js';

/** Where a segment of the log begins in the index. */
export interface SegmentMark {
  readonly base: number;
  /** The first ordinal and the first stream number in it, and the names' digest before it. */
  readonly ordinal: number;
  readonly stream: number;
  readonly digest: number;
}

/** The part of the index that is a complete segment. */
export interface IndexPart {
  readonly mark: SegmentMark;
  /** The ordinal and the stream number behind it. */
  readonly ordinalEnd: number;
  readonly streamEnd: number;
}

export interface LogIndex {
  /** Events placed, durable or not. An event that a scavenge removed still counts, until the next start. */
  readonly length: number;
  /** Events that are durable, and so visible. */
  readonly visible: number;
  readonly names: StreamNames;
  /** The part that stands in the segment at this position; `undefined` if there is none, or it is not complete. */
  partAt(base: number): IndexPart | undefined;
  find(name: string | Buffer): StreamEntry | undefined;
  /** The stream of this name, and for a metadata stream also the one that it describes, which from now on are known. */
  ensure(name: string | Buffer): StreamEntry;
  entryOf(stream: number): StreamEntry;
  /** Says that what is placed from now on stands in the segment at this position. */
  beginSegment(base: number): SegmentMark;
  /** Places the next event of a stream. Its first event may have any revision, those after it follow on. Returns the ordinal. */
  place(stream: number, revision: number, position: number): number;
  /**
   * Takes over the events of a segment, which begins in the log here. The streams know of them after `finishLoading`.
   * @throws Corrupt if a revision does not follow on
   */
  load(base: number, events: SegmentEvents): void;
  finishLoading(): void;
  /** Says that the stream's last event is a tombstone. */
  bury(stream: number): void;
  /** Makes everything placed below this ordinal visible. */
  publish(ordinal: number): void;
  positionOf(ordinal: number): number;
  streamOf(ordinal: number): StreamEntry;
  /** The number of an event's stream; -1 if a scavenge has removed the event. */
  streamNumberOf(ordinal: number): number;
  isMetadata(stream: number): boolean;
  /** The stream that a metadata stream describes; -1 if it describes none. */
  describedBy(stream: number): number;
  /** Only of an event that is still there. */
  revisionOf(ordinal: number): number;
  /** Forgets a stream's events below this revision. */
  forget(stream: number, revision: number): void;
  /** The first visible ordinal whose position is at or behind this one; `visible` if there is none. */
  atOrBehind(position: number): number;
  /** The streams that keep less than everything. */
  limited(): IterableIterator<[stream: number, limits: StreamLimits]>;
  tombstones(): ReadonlySet<number>;
}

export type { StreamEntry } from './stream-entry.js';

const GONE = 0xffffffff;
const metadataPrefix = Buffer.from(METADATA_PREFIX);

/** An empty index. `names` are only given by tests. */
export function createLogIndex(names = createStreamNames()): LogIndex {
  /** Positions are below 2^48, in two columns. */
  const lowPositions = Column.ofUint32();
  const highPositions = Column.ofUint16();
  const streamNumbers = Column.ofUint32();
  const lists = createOrdinalLists();
  const firsts = Column.ofUint32();
  const limits = new Map<number, StreamLimits>();
  const tombstoned = new Set<number>();
  const marks: SegmentMark[] = [];
  let length = 0;
  let visible = 0;
  /** How many events of each stream have been loaded, until they are in the streams' lists. */
  let loaded = new Uint32Array(0);

  const streams: StreamColumns = {
    names,
    lists,
    firsts,
    limits,
    tombstoned,
    get visible() {
      return visible;
    },
  };
  const entry = (number: number): StreamEntry => createStreamEntry(streams, number);

  const positionAt = (ordinal: number): number => highPositions.get(ordinal) * 2 ** 32 + lowPositions.get(ordinal);

  function setPosition(ordinal: number, position: number): void {
    lowPositions.set(ordinal, position % 2 ** 32);
    highPositions.set(ordinal, Math.floor(position / 2 ** 32));
  }

  function numberOf(name: string | Buffer): number {
    const bytes = typeof name === 'string' ? Buffer.from(name) : name;
    return names.find(bytes, 0, bytes.length);
  }

  function streamNumberOf(ordinal: number): number {
    const number = ordinal >= 0 && ordinal < length ? streamNumbers.get(ordinal) : GONE;
    return number === GONE ? -1 : number;
  }

  return {
    get length() {
      return length;
    },
    get visible() {
      return visible;
    },
    names,
    partAt(base) {
      const at = marks.findIndex((mark) => mark.base === base);
      const [mark, next] = [marks[at], marks[at + 1]];
      return mark === undefined || next === undefined ? undefined : { mark, ordinalEnd: next.ordinal, streamEnd: next.stream };
    },
    find(name) {
      const number = numberOf(name);
      return number < 0 ? undefined : entry(number);
    },
    ensure(name) {
      const bytes = typeof name === 'string' ? Buffer.from(name) : name;
      const known = names.find(bytes, 0, bytes.length);
      if (known >= 0) return entry(known);
      const number = names.add(bytes, 0, bytes.length);
      const { length: prefix } = metadataPrefix;
      // Both at once, so that streams are numbered alike while they are written and when they are scanned.
      const describes = bytes.length > prefix && names.startsWith(number, metadataPrefix);
      if (describes && names.find(bytes, prefix, bytes.length) < 0) names.add(bytes, prefix, bytes.length);
      return entry(number);
    },
    entryOf: (stream) => entry(stream),
    beginSegment(base) {
      const mark = { base, ordinal: length, stream: names.count, digest: names.digest };
      marks.push(mark);
      return mark;
    },
    place(stream, revision, position) {
      if (lists.lengthOf(stream) === 0) firsts.set(stream, revision);
      setPosition(length, position);
      streamNumbers.set(length, stream);
      lists.push(stream, length);
      return length++;
    },
    load(base, { offsets, streams: numbers, revisions, tombstones, limits: loadedLimits }) {
      if (loaded.length < names.count) loaded = widened(loaded, names.count);
      for (let i = 0; i < numbers.length; i++) {
        const stream = numbers[i] ?? 0;
        const revision = revisions[i] ?? 0;
        const count = loaded[stream] ?? 0;
        // The first event of a stream that is left may be any: a scavenge has cut it there.
        if (count === 0) firsts.set(stream, revision);
        else if (firsts.get(stream) + count !== revision)
          throw new Corrupt(
            `The event at position ${base + (offsets[i] ?? 0)} has revision ${revision} of ${names.nameOf(stream)}, which is at ${firsts.get(stream) + count - 1}.`,
          );
        loaded[stream] = count + 1;
        setPosition(length + i, base + (offsets[i] ?? 0));
      }
      streamNumbers.setAll(length, numbers);
      length += numbers.length;
      for (const stream of tombstones) tombstoned.add(stream);
      for (const [stream, kept] of loadedLimits) entry(stream).limits = kept;
    },
    finishLoading() {
      lists.fill(loaded, streamNumbers, length);
      loaded = new Uint32Array(0);
    },
    bury: (stream) => void tombstoned.add(stream),
    publish(ordinal) {
      visible = ordinal;
    },
    positionOf: (ordinal) => (ordinal >= 0 && ordinal < length ? positionAt(ordinal) : Number.NaN),
    streamOf(ordinal) {
      const number = streamNumberOf(ordinal);
      if (number < 0) throw new RangeError(`The log has no event ${ordinal}.`);
      return entry(number);
    },
    streamNumberOf,
    isMetadata: (stream) => names.startsWith(stream, metadataPrefix),
    describedBy(stream) {
      const bytes = Buffer.allocUnsafe(names.lengthOf(stream));
      names.copy(stream, bytes, 0);
      return names.startsWith(stream, metadataPrefix) ? names.find(bytes, metadataPrefix.length, bytes.length) : -1;
    },
    revisionOf(ordinal) {
      const stream = streamNumbers.get(ordinal);
      return firsts.get(stream) + lists.placeOf(stream, ordinal);
    },
    forget(stream, revision) {
      const count = Math.min(revision - firsts.get(stream), lists.lengthOf(stream));
      if (count <= 0) return;
      for (let place = 0; place < count; place++) streamNumbers.set(lists.at(stream, place), GONE);
      lists.dropFront(stream, count);
      firsts.set(stream, revision);
    },
    atOrBehind: (position) => countBefore(visible, (ordinal) => positionAt(ordinal) < position),
    limited: () => limits.entries(),
    tombstones: () => tombstoned,
  };
}

/** A copy with room for so many, and some more. */
function widened(numbers: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(length, Math.ceil(numbers.length * 1.5)));
  wider.set(numbers);
  return wider;
}
