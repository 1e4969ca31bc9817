// A stream as the index knows it: a view of the columns that all streams share, which costs nothing to be kept and nothing to be made.

import type { Column } from './column.js';
import type { OrdinalLists } from './ordinal-lists.js';
import type { StreamLimits } from './stream-limits.js';
import type { StreamNames } from './stream-names.js';

/** A stream that is known: it has events, or metadata. */
export interface StreamEntry {
  readonly name: string;
  readonly number: number;
  /** The first revision that is still in the log; `next` if there is none. */
  readonly first: number;
  /** The revision of the next event, behind what has been placed. */
  readonly next: number;
  /** The revision behind the last durable event. */
  readonly visible: number;
  /** What its metadata stream says it keeps. */
  limits: StreamLimits | undefined;
  /** Whether its last event is a tombstone, durable or not yet: nothing comes after it. */
  readonly tombstone: 'none' | 'placed' | 'visible';
  /** The ordinal of the event at this revision; -1 if the log does not hold it, not yet or no more. */
  ordinalAt(revision: number): number;
}

/** What the index holds of all streams, by their numbers. */
export interface StreamColumns {
  readonly names: StreamNames;
  readonly lists: OrdinalLists;
  /** The first revision of each list. */
  readonly firsts: Column;
  readonly limits: Map<number, StreamLimits>;
  readonly tombstoned: ReadonlySet<number>;
  /** Events of the whole log that are durable. */
  readonly visible: number;
}

/** A view of the stream of this number. */
export const createStreamEntry = (streams: StreamColumns, number: number): StreamEntry => new Entry(streams, number);

class Entry implements StreamEntry {
  readonly number: number;
  readonly #streams: StreamColumns;
  #name: string | undefined;

  constructor(streams: StreamColumns, number: number) {
    this.#streams = streams;
    this.number = number;
  }

  get name(): string {
    this.#name ??= this.#streams.names.nameOf(this.number);
    return this.#name;
  }

  get first(): number {
    return this.#streams.firsts.get(this.number);
  }

  get next(): number {
    return this.first + this.#streams.lists.lengthOf(this.number);
  }

  get visible(): number {
    const { lists, visible } = this.#streams;
    const length = lists.lengthOf(this.number);
    // What is not durable yet stands at the end of the list.
    const isAll = length === 0 || lists.at(this.number, length - 1) < visible;
    return this.first + (isAll ? length : lists.placeOf(this.number, visible));
  }

  get limits(): StreamLimits | undefined {
    return this.#streams.limits.get(this.number);
  }

  set limits(value: StreamLimits | undefined) {
    if (value === undefined) this.#streams.limits.delete(this.number);
    else this.#streams.limits.set(this.number, value);
  }

  get tombstone(): 'none' | 'placed' | 'visible' {
    const { lists, tombstoned, visible } = this.#streams;
    if (!tombstoned.has(this.number)) return 'none';
    return lists.at(this.number, lists.lengthOf(this.number) - 1) < visible ? 'visible' : 'placed';
  }

  ordinalAt(revision: number): number {
    return this.#streams.lists.at(this.number, revision - this.first);
  }
}
