// Where the frames of a scavenged segment stand: stretches of the log that were kept whole, each with its place in the file.

import { countBefore } from './binary-search.js';

export interface Runs {
  readonly length: number;
  /** Says that a frame of these positions stands at this offset of the file; frames come in order. */
  add(position: number, end: number, offset: number): void;
  /** The stretch that holds this position, or else the next one; `undefined` behind the last. */
  at(position: number): Run | undefined;
  /** Of each stretch in turn: `from`, `to`, `offset`. */
  numbers(): Float64Array<ArrayBuffer>;
}

export interface Run {
  /** Positions: inclusive, exclusive. */
  readonly from: number;
  readonly to: number;
  /** Where `from` stands in the file. */
  readonly offset: number;
}

/** No runs yet. */
export function createRuns(): Runs {
  let froms = new Float64Array(16);
  let tos = new Float64Array(16);
  let offsets = new Float64Array(16);
  let length = 0;

  function wider(numbers: Float64Array): Float64Array<ArrayBuffer> {
    const more = new Float64Array(numbers.length * 2);
    more.set(numbers);
    return more;
  }

  const get = (number: number): Run => ({ from: froms[number] ?? 0, to: tos[number] ?? 0, offset: offsets[number] ?? 0 });

  return {
    get length() {
      return length;
    },
    add(position, end, offset) {
      if (length > 0 && tos[length - 1] === position) {
        tos[length - 1] = end;
        return;
      }
      if (length === froms.length) {
        froms = wider(froms);
        tos = wider(tos);
        offsets = wider(offsets);
      }
      froms[length] = position;
      tos[length] = end;
      offsets[length] = offset;
      length += 1;
    },
    at(position) {
      const number = countBefore(length, (run) => (tos[run] ?? 0) <= position);
      return number < length ? get(number) : undefined;
    },
    numbers() {
      const numbers = new Float64Array(3 * length);
      for (let i = 0; i < length; i++) numbers.set([froms[i] ?? 0, tos[i] ?? 0, offsets[i] ?? 0], 3 * i);
      return numbers;
    },
  };
}

/** The runs that these numbers say. */
export function runsOf(numbers: Float64Array): Runs {
  const runs = createRuns();
  for (let i = 0; i < numbers.length; i += 3) runs.add(numbers[i] ?? 0, numbers[i + 1] ?? 0, numbers[i + 2] ?? 0);
  return runs;
}
