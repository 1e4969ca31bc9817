// Walks a sequence in small steps and picks what a reader wants: bounded in events looked at and in bytes held, so that one reader can
// neither block the node nor fill its memory.

import type { EventFilter } from './event-filter.js';
import type { Journal } from './journal.js';
import type { Sequence } from './sequence.js';
import { readStored } from './stored-event.js';

export interface Scanned {
  readonly journal: Journal;
  readonly sequence: Sequence;
  readonly filter: EventFilter | undefined;
}

export interface Step {
  /** The counts of the events that were picked, in reading order, and their stored bytes. */
  readonly counts: readonly number[];
  readonly events: Buffer[] | Promise<Buffer[]>;
  /** What only the bytes can tell; to be asked of each event. */
  readonly wanted: ((stored: Buffer) => boolean) | undefined;
  /** How many events of the sequence were looked at. */
  readonly considered: number;
}

const STEP_EVENTS = 128;
const STEP_BYTES = 256 * 1024;
const STEP_CONSIDERED = 4096;

/** Looks at events from `from` towards `to` (exclusive; downwards if it is smaller) and loads those that match: at least one is looked at. */
export function scan({ journal, sequence, filter }: Scanned, from: number, to: number): Step {
  const { index } = journal;
  const direction = to > from ? 1 : -1;
  const limit = Math.min(Math.abs(to - from), STEP_CONSIDERED);
  const byStream = filter?.on === 'stream' ? filter.matches : undefined;
  const counts: number[] = [];
  const ordinals: number[] = [];
  let bytes = 0;
  let considered = 0;
  for (; considered < limit && ordinals.length < STEP_EVENTS && bytes < STEP_BYTES; considered++) {
    const count = from + direction * considered;
    const ordinal = sequence.ordinalAt(count);
    if (ordinal < 0) continue;
    if (byStream !== undefined && !byStream(index.streamOf(ordinal).name)) continue;
    counts.push(count);
    ordinals.push(ordinal);
    bytes += journal.extent(ordinal);
  }
  return { counts, events: journal.load(ordinals), wanted: wantedBy(filter, sequence.keeps), considered };
}

function wantedBy(filter: EventFilter | undefined, keeps: Sequence['keeps']): Step['wanted'] {
  if (filter?.on !== 'type') return keeps;
  return (stored) => filter.matches(readStored(stored).type) && (keeps === undefined || keeps(stored));
}
