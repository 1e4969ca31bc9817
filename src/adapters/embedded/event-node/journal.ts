// The log as the node writes and reads it: everything that arrived while the last write became durable goes out in one write and one
// fdatasync; then it becomes visible, then it is answered. Recent events are read from memory, older ones from the medium.

import { Unavailable } from '../../../domain/log/errors.js';
import { EVENT_HEADER, FRAME_HEADER, KIND_EVENTS, KIND_TOMBSTONE, sealFrame } from './frame.js';
import type { LogIndex, StreamEntry } from './log-index.js';
import type { Medium } from './medium.js';
import type { ProposedEvent } from './proposal.js';
import { type Placement, storedSize, TOMBSTONE_REVISION, writeStored } from './stored-event.js';
import { createTail } from './tail.js';

/** `undefined`: durable and visible. Else the sentence that says why nobody knows. */
export type Settled = (failure: string | undefined) => void;

export interface Journal {
  readonly index: LogIndex;
  /** Why the node takes no more appends; `undefined` while it does. */
  readonly failure: string | undefined;
  /** Whether so much waits for the medium that senders should pause until `whenSettled` calls back. */
  readonly congested: boolean;
  /** Lays the events at the end of the stream of this name. Nothing is durable or visible before `whenSettled` calls back. */
  append(name: Buffer, events: readonly ProposedEvent[]): StreamEntry;
  /** Lays this event as the stream's last one, for good. */
  tombstone(name: Buffer, event: ProposedEvent): StreamEntry;
  /** Calls back when everything appended so far is durable and visible: at once if it is. */
  whenSettled(settled: Settled): void;
  /** The stored events, in the order asked for; at once if all of them are in memory. Ordinals ascend or descend. */
  load(ordinals: readonly number[]): Buffer[] | Promise<Buffer[]>;
  /** An upper bound of the bytes that an event takes in the log. */
  extent(ordinal: number): number;
  /** Is told whenever more of the log has become visible: the ordinals from (inclusive) and to (exclusive). */
  onPublished(listener: (from: number, to: number) => void): void;
  /** Ends the segment that is being written, so that everything up to here stands in complete ones. @throws Unavailable after a failure */
  endSegment(): Promise<void>;
  /** Takes no more appends from now on, for this reason, which is said. */
  fail(reason: string): void;
  /** Settles what is under way, then closes the medium. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly index: LogIndex;
  readonly medium: Medium;
  /** Where the next frame goes, and the segment it belongs to. */
  readonly position: number;
  readonly segment: number;
  readonly segmentBytes: number;
  readonly log: (line: string) => void;
}

/** Events that lie close together and are read at once. */
interface Run {
  readonly from: number;
  to: number;
  readonly ordinals: number[];
}

const CONGESTED_BYTES = 16 * 1024 * 1024;
const RUN_BYTES = 512 * 1024;
const RUN_GAP = 4096;

/** Opens a journal behind what the index already holds. */
export function createJournal({ index, medium, log, ...start }: JournalOptions): Journal {
  const tail = createTail(start.position, start.segment, start.segmentBytes);
  const listeners: ((from: number, to: number) => void)[] = [];
  let position = start.position;
  let segment = start.segment;
  let durable = start.position;
  let waiting: Settled[] = [];
  let flushing: Promise<void> | undefined;
  let failure: string | undefined;
  let isEnding = false;
  let ticks = { at: 0, digits: Buffer.alloc(0) };

  function lay(name: Buffer, events: readonly ProposedEvent[], kind: number): StreamEntry {
    const placement: Placement = { name, ticks: ticksNow() };
    const known = index.find(name);
    const revision = known?.next ?? 0;
    const shown = kind === KIND_TOMBSTONE ? TOMBSTONE_REVISION : revision;
    const sizes: number[] = [];
    let length = FRAME_HEADER + name.length;
    for (const event of events) {
      const size = storedSize(event, placement, shown + sizes.length, position + length);
      length += EVENT_HEADER + size;
      sizes.push(size);
    }
    const frame = tail.reserve(length, position);
    if (tail.segment !== segment) beginSegment();
    const stream = known ?? index.ensure(name);
    let at = FRAME_HEADER + name.length;
    let placed = 0;
    for (const event of events) {
      index.place(stream.number, revision + placed, position + at);
      frame.writeUInt32LE(sizes[placed] ?? 0, at);
      at = writeStored(frame, at + EVENT_HEADER, event, placement, shown + placed, position + at);
      placed += 1;
    }
    sealFrame(frame, { length, position, durable, revision, events: events.length, nameLength: name.length, kind }, name);
    position += length;
    flushing ??= flush();
    return stream;
  }

  function fail(reason: string): void {
    failure ??= reason;
    log(reason);
  }

  /** `created` of what is laid now. */
  function ticksNow(): Buffer {
    const now = Date.now();
    if (ticks.at !== now) ticks = { at: now, digits: Buffer.from(`${now}0000`, 'latin1') };
    return ticks.digits;
  }

  function beginSegment(): void {
    segment = tail.segment;
    index.beginSegment(segment);
  }

  async function flush(): Promise<void> {
    while ((durable < position || isEnding) && failure === undefined) {
      // The group before is answered first, and what has arrived by then belongs to this one.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure !== undefined) break;
      const [until, upTo, settled, chunks] = [position, index.length, waiting, tail.takeUnwritten()];
      waiting = [];
      if (isEnding) {
        tail.endSegment(position);
        beginSegment();
        chunks.push({ segment, position, bytes: Buffer.alloc(0) });
        isEnding = false;
      }
      // Who writes alone waits for the disk, and nobody else does.
      const unwritten = await medium.write(chunks, settled.length <= 1).then(() => undefined, describeFailure);
      if (unwritten === undefined) publish(until, upTo);
      else fail(unwritten);
      for (const settle of settled) settle(unwritten);
    }
    flushing = undefined;
    const left = waiting;
    waiting = [];
    for (const settle of left) settle(failure);
  }

  function publish(until: number, upTo: number): void {
    const from = index.visible;
    durable = until;
    index.publish(upTo);
    for (const listener of listeners) listener(from, upTo);
    if (medium.readsBack) tail.evict();
  }

  function endOf(ordinal: number): number {
    const end = ordinal + 1 < index.length ? Math.min(index.positionOf(ordinal + 1), durable) : durable;
    const from = index.positionOf(ordinal);
    return from < tail.start ? Math.min(end, medium.wholeUntil(from)) : end;
  }

  function load(ordinals: readonly number[]): Buffer[] | Promise<Buffer[]> {
    const oldest = Math.min(ordinals[0] ?? 0, ordinals.at(-1) ?? 0);
    if (ordinals.length > 0 && index.positionOf(oldest) < tail.start) return loadFromMedium(ordinals);
    return ordinals.map((ordinal) => {
      const { bytes, offset } = tail.at(index.positionOf(ordinal));
      return eventAt(bytes, offset);
    });
  }

  async function loadFromMedium(ordinals: readonly number[]): Promise<Buffer[]> {
    const descending = (ordinals[0] ?? 0) > (ordinals.at(-1) ?? 0);
    const runs = runsOf(descending ? ordinals.toReversed() : ordinals);
    const pieces = await Promise.all(runs.map((run) => medium.read(run.from, run.to - run.from)));
    const loaded = runs.flatMap((run, i) => {
      const bytes = pieces[i] ?? Buffer.alloc(0);
      return run.ordinals.map((ordinal) => eventAt(bytes, index.positionOf(ordinal) - run.from));
    });
    return descending ? loaded.reverse() : loaded;
  }

  function runsOf(ascending: readonly number[]): Run[] {
    const runs: Run[] = [];
    for (const ordinal of ascending) {
      const from = index.positionOf(ordinal);
      const to = endOf(ordinal);
      const run = runs.at(-1);
      if (run !== undefined && from - run.to <= RUN_GAP && to - run.from <= RUN_BYTES) {
        run.to = to;
        run.ordinals.push(ordinal);
      } else runs.push({ from, to, ordinals: [ordinal] });
    }
    return runs;
  }

  return {
    index,
    get failure() {
      return failure;
    },
    get congested() {
      return position - durable > CONGESTED_BYTES;
    },
    append: (name, events) => lay(name, events, KIND_EVENTS),
    tombstone(name, event) {
      const stream = lay(name, [event], KIND_TOMBSTONE);
      index.bury(stream.number);
      return stream;
    },
    whenSettled(settled) {
      if (flushing === undefined) settled(failure);
      else waiting.push(settled);
    },
    load,
    extent: (ordinal) => endOf(ordinal) - index.positionOf(ordinal),
    onPublished: (listener) => void listeners.push(listener),
    endSegment() {
      if (position === segment || failure !== undefined) return Promise.resolve();
      isEnding = true;
      flushing ??= flush();
      return new Promise((resolve, reject) => {
        waiting.push((reason) => (reason === undefined ? resolve() : reject(new Unavailable(reason))));
      });
    },
    fail,
    async close() {
      await flushing;
      await medium.close();
    },
  };
}

function eventAt(bytes: Buffer, offset: number): Buffer {
  const from = offset + EVENT_HEADER;
  return bytes.subarray(from, from + bytes.readUInt32LE(offset));
}

const describeFailure = (error: unknown): string =>
  `The log could not be made durable (${error instanceof Error ? error.message : String(error)}); the node takes no more appends until it is started again.`;
