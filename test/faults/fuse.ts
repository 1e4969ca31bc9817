// Ends or stops a process at a named point: just before one of its calls to a port, or just after it, when the call has had its effect
// and the process has not learnt of it.

import type { Call, Watcher } from './ports.js';

/**
 * - `kill`: from the point on no call of the process reaches anything and none of its promises settles;
 * - `freeze`: so until it is thawed, which is when its successor has ended the order;
 * - `stall`: the same, but it is thawed as soon as there is a successor, so that both are at work.
 */
export type Mode = 'kill' | 'freeze' | 'stall';

const never = new Promise<never>(() => {});

/** Lies in the ports of one process, and blows at a point. */
export class Fuse implements Watcher {
  readonly #gone = new AbortController();
  readonly gone = this.#gone.signal;
  /** The points that the process has come by since it was armed. */
  readonly seen: string[] = [];
  #counts: Map<string, number> | null = null;
  #target: string | null = null;
  #mode: Mode = 'kill';
  #thawed: Promise<void> | null = null;
  #thaw: () => void = () => {};
  isBlown = false;

  /** From now on points are counted, and it blows at this one; `null` only counts. */
  arm(target: string | null, mode: Mode): void {
    this.#counts = new Map();
    this.#target = target;
    this.#mode = mode;
    this.seen.length = 0;
  }

  /** Points are no longer counted. */
  disarm(): void {
    this.#counts = null;
    this.#target = null;
  }

  kill(): void {
    this.#gone.abort();
    this.isBlown = true;
  }

  /** What was frozen goes on as if nothing had been. */
  thaw(): void {
    this.#thawed = null;
    this.#thaw();
  }

  before = (call: Call): Promise<void> => this.#pass(call, 'before');
  after = (call: Call): Promise<void> => this.#pass(call, 'after');

  async #pass({ name }: Call, when: 'before' | 'after'): Promise<void> {
    if (this.gone.aborted) return never;
    if (this.#thawed !== null) return this.#thawed;
    if (this.#counts === null) return;
    const nth = (this.#counts.get(`${name}, ${when}`) ?? 0) + 1;
    this.#counts.set(`${name}, ${when}`, nth);
    const point = `${name}${nth === 1 ? '' : ` (${nth})`}, ${when}`;
    this.seen.push(point);
    if (point !== this.#target) return;
    this.disarm();
    if (this.#mode === 'kill') {
      this.kill();
      return never;
    }
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
    this.isBlown = true;
    return this.#thawed;
  }
}
