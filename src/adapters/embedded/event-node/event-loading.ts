// Stored events by their ordinals: recent ones from memory, older ones from the medium, in few reads.

import { EVENT_HEADER } from './frame.js';
import type { LogIndex } from './log-index.js';
import type { Medium } from './medium.js';
import type { Tail } from './tail.js';

export interface EventLoading {
  /** The stored events, in the order asked for; at once if all of them are in memory. Ordinals ascend or descend. */
  load(ordinals: readonly number[]): Buffer[] | Promise<Buffer[]>;
  /** An upper bound of the bytes that an event takes in the log. */
  extent(ordinal: number): number;
}

export interface EventSources {
  readonly index: LogIndex;
  readonly medium: Medium;
  readonly tail: Tail;
  /** The position up to which the medium can be asked. */
  readonly durable: () => number;
}

/** Events that lie close together and are read at once. */
interface Run {
  readonly from: number;
  to: number;
  readonly ordinals: number[];
}

const RUN_BYTES = 512 * 1024;
const RUN_GAP = 4096;

/** Loads what these sources hold. */
export function createEventLoading({ index, medium, tail, durable }: EventSources): EventLoading {
  function endOf(ordinal: number): number {
    const end = ordinal + 1 < index.length ? Math.min(index.positionOf(ordinal + 1), durable()) : durable();
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

  return { load, extent: (ordinal) => endOf(ordinal) - index.positionOf(ordinal) };
}

function eventAt(bytes: Buffer, offset: number): Buffer {
  const from = offset + EVENT_HEADER;
  return bytes.subarray(from, from + bytes.readUInt32LE(offset));
}
