// A read that ends: so many events of a sequence, forwards or backwards, as of the moment it was asked for.

import type { Call } from './grpc/call.js';
import type { Reader } from './reader.js';
import { scan } from './scan.js';

export interface ReadRange {
  /** The first count to be read. */
  readonly from: number;
  readonly backwards: boolean;
  /** Events to be delivered, at most. */
  readonly most: number;
}

/** Delivers the events and ends the call. */
export async function read(reader: Reader, range: ReadRange, call: Call): Promise<void> {
  const { sequence, rendering } = reader;
  const first = sequence.start();
  const end = sequence.end();
  let at = range.backwards ? Math.min(range.from, end - 1) : Math.max(range.from, first);
  const to = range.backwards ? Math.min(first - 1, at) : Math.max(end, at);
  let left = range.most;
  while (at !== to && left > 0 && !call.closed) {
    const { events: loading, wanted, considered } = scan(reader, at, to);
    const events = Array.isArray(loading) ? loading : await loading;
    for (const stored of events) {
      if (left === 0 || call.closed) break;
      if (wanted !== undefined && !wanted(stored)) continue;
      left -= 1;
      if (!call.write(rendering === undefined ? stored : await rendering(stored))) await call.drained();
    }
    at += range.backwards ? -considered : considered;
    if (events.length === 0 && at !== to) await new Promise((resolve) => setImmediate(resolve));
  }
  call.end();
}
