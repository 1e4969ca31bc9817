// A reader as the read and the subscription serve it.

import type { EventFilter } from './event-filter.js';
import type { Journal } from './journal.js';
import type { Rendering } from './rendering.js';
import type { Sequence } from './sequence.js';

/** What a reader asked for, whatever it reads. */
export interface Reader {
  /** The stream's name, or the log's. */
  readonly name: string;
  readonly journal: Journal;
  readonly sequence: Sequence;
  readonly filter: EventFilter | undefined;
  readonly rendering: Rendering | undefined;
}
