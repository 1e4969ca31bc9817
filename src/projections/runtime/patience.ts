// How long to wait before trying again what was not available.

const first = 100;
const longest = 5_000;

/** Counts failures in a row, and waits longer after each: from 0.1 s, doubling to 5 s, with jitter over the upper half. */
export class Patience {
  #failures = 0;

  /** It worked: begin anew with a short wait. */
  reset(): void {
    this.#failures = 0;
  }

  /** Fulfils when it is time to try again, or at once when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const ceiling = Math.min(longest, first * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    await pause(ceiling / 2 + (Math.random() * ceiling) / 2, signal);
  }
}

/** Fulfils after so many milliseconds, or at once when the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
