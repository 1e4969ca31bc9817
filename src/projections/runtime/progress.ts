// How far each read model has come, in memory, and who waits for it. Fed by the projector of this process and by what others announce.

/** What readers ask. */
export interface Progress {
  /** The position of the last event that the read model has seen; -1 before the first. */
  reached(name: string): bigint;
  /** True as soon as the read model has reached the position; false when the time is over or the signal aborted. */
  waitFor(name: string, position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /** Calls the listener whenever read models have moved on; answers how to end that. */
  onAdvance(listener: AdvanceListener): () => void;
}

export type AdvanceListener = (names: readonly string[], position: bigint) => void;

/** What those who know tell. */
export interface ProgressFeed extends Progress {
  /** These read models have reached the position. What is older than what is known is passed over. */
  readonly advanced: AdvanceListener;
}

interface Waiter {
  readonly position: bigint;
  readonly settle: (reached: boolean) => void;
}

/** Where a position belongs among waiters that are in order of theirs. Most wait for the newest, so it looks from the end. */
function placeFor(waiters: readonly Waiter[], position: bigint): number {
  let index = waiters.length;
  for (let before = waiters[index - 1]; before !== undefined && before.position > position; before = waiters[index - 1]) index -= 1;
  return index;
}

export function createProgress(): ProgressFeed {
  const positions = new Map<string, bigint>();
  const waiting = new Map<string, Waiter[]>();
  const listeners = new Set<AdvanceListener>();
  const reached = (name: string) => positions.get(name) ?? -1n;

  function wake(name: string, position: bigint): void {
    const waiters = waiting.get(name);
    if (waiters === undefined) return;
    const served = waiters.splice(0, placeFor(waiters, position));
    if (waiters.length === 0) waiting.delete(name);
    for (const waiter of served) waiter.settle(true);
  }

  function enqueue(name: string, waiter: Waiter): void {
    const waiters = waiting.get(name);
    if (waiters === undefined) waiting.set(name, [waiter]);
    else waiters.splice(placeFor(waiters, waiter.position), 0, waiter);
  }

  function withdraw(name: string, waiter: Waiter): void {
    const waiters = waiting.get(name);
    const index = waiters?.indexOf(waiter) ?? -1;
    if (waiters === undefined || index < 0) return;
    waiters.splice(index, 1);
    if (waiters.length === 0) waiting.delete(name);
  }

  return {
    reached,
    waitFor: (name, position, timeoutMs, signal) => {
      if (reached(name) >= position) return Promise.resolve(true);
      if (signal?.aborted === true || timeoutMs <= 0) return Promise.resolve(false);
      return new Promise((resolve) => {
        const giveUp = () => {
          withdraw(name, waiter);
          waiter.settle(false);
        };
        const timer = setTimeout(giveUp, timeoutMs);
        signal?.addEventListener('abort', giveUp);
        const waiter: Waiter = {
          position,
          settle: (answer) => {
            clearTimeout(timer);
            signal?.removeEventListener('abort', giveUp);
            resolve(answer);
          },
        };
        enqueue(name, waiter);
      });
    },
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    advanced: (names, position) => {
      const moved = names.filter((name) => reached(name) < position);
      if (moved.length === 0) return;
      for (const name of moved) positions.set(name, position);
      for (const name of moved) wake(name, position);
      for (const listener of listeners) listener(moved, position);
    },
  };
}
