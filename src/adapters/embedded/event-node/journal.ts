// The log as the node writes it: everything that arrived while the last write became durable goes out in one write and one fdatasync;
// then it becomes visible, then it is answered.

import { Unavailable } from '../../../domain/log/errors.js';
import { createEventLoading, type EventLoading } from './event-loading.js';
import { EVENT_HEADER, FRAME_HEADER, KIND_EVENTS, KIND_TOMBSTONE, sealFrame } from './frame.js';
import type { LogIndex, StreamEntry } from './log-index.js';
import type { Medium } from './medium.js';
import type { ProposedEvent } from './proposal.js';
import { type Placement, storedSize, TOMBSTONE_REVISION, writeStored } from './stored-event.js';
import { createTail } from './tail.js';

/** `undefined`: durable and visible. Else the sentence that says why nobody knows. */
export type Settled = (failure: string | undefined) => void;

export interface Journal extends EventLoading {
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

const CONGESTED_BYTES = 16 * 1024 * 1024;

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
  const loading = createEventLoading({ index, medium, tail, durable: () => durable });
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
    ...loading,
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

const describeFailure = (error: unknown): string =>
  `The log could not be made durable (${error instanceof Error ? error.message : String(error)}); the node takes no more appends until it is started again.`;
