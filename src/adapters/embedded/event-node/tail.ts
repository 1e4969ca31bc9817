// The newest part of the log in memory, as slabs of whole frames: what waits for the medium, and behind it what live readers are about
// to ask for. Bytes once laid never change, so that views of them may be handed out.

import { countBefore } from './binary-search.js';
import type { Chunk } from './medium.js';

export interface Tail {
  /** Position of the oldest byte still here. */
  readonly start: number;
  /** The segment that what is reserved next belongs to, unless it no longer fits. */
  readonly segment: number;
  /** Room for a frame that begins at this position. */
  reserve(length: number, position: number): Buffer;
  /** What is reserved from this position on, where the log ends, belongs to a new segment. */
  endSegment(position: number): void;
  /** What has been laid since the last call, in log order. */
  takeUnwritten(): Chunk[];
  /** Lets go of the oldest slabs, except what is unwritten. */
  evict(): void;
  /** The slab's bytes that hold this position, and where in them it is. */
  at(position: number): { readonly bytes: Buffer; readonly offset: number };
}

interface Slab {
  readonly segment: number;
  readonly base: number;
  readonly bytes: Buffer;
  used: number;
  written: number;
}

const SLAB_BYTES = 512 * 1024;
const KEPT_SLABS = 16;

/** An empty tail at this position; `segment` is the one that is being written, which grows to `segmentBytes` and not beyond. */
export function createTail(position: number, segment: number, segmentBytes: number): Tail {
  const slabs: Slab[] = [];
  let currentSegment = segment;

  return {
    get start() {
      return slabs[0]?.base ?? position;
    },
    get segment() {
      return currentSegment;
    },
    reserve(length, base) {
      if (base > currentSegment && base + length > currentSegment + segmentBytes) currentSegment = base;
      let slab = slabs.at(-1);
      if (slab === undefined || slab.segment !== currentSegment || slab.used + length > slab.bytes.length) {
        const bytes = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
        slab = { segment: currentSegment, base, bytes, used: 0, written: 0 };
        slabs.push(slab);
      }
      const from = slab.used;
      slab.used += length;
      return slab.bytes.subarray(from, slab.used);
    },
    endSegment(end) {
      currentSegment = end;
    },
    takeUnwritten() {
      const chunks: Chunk[] = [];
      for (const slab of slabs) {
        const { segment, base, bytes, used, written } = slab;
        if (written < used) chunks.push({ segment, position: base + written, bytes: bytes.subarray(written, used) });
        slab.written = used;
      }
      return chunks;
    },
    evict() {
      while (slabs.length > KEPT_SLABS && slabs[0]?.written === slabs[0]?.used) slabs.shift();
    },
    at(place) {
      const slab = slabs[countBefore(slabs.length, (number) => (slabs[number]?.base ?? 0) <= place) - 1];
      if (slab === undefined) throw new RangeError(`Position ${place} is not in memory.`);
      return { bytes: slab.bytes, offset: place - slab.base };
    },
  };
}
