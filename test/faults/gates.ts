// Holds calls of a process to its ports until a test lets them go, so that a race is run in the order that the test chooses.

import { eventually } from '../support/condition.js';
import type { Call, Watcher } from './ports.js';

/** A call that is held, or will be. */
export interface Gate {
  readonly isReached: boolean;
  /** Waits until a call stands before it. */
  reached(): Promise<void>;
  /** Lets the call through, now or when it comes. */
  open(): void;
}

/** Each gate holds one call: the first of its name, at this point of it. */
export class Gates implements Watcher {
  readonly #gates: { readonly point: string; readonly about: string | null; arrive: () => Promise<void> }[] = [];

  /** `point` as in "gateway capture, before"; `about`: only of this stream, payment, intent or order. */
  hold(point: string, about: string | null = null): Gate {
    let isReached = false;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const arrive = () => {
      isReached = true;
      return opened;
    };
    this.#gates.push({ point, about, arrive });
    return {
      get isReached() {
        return isReached;
      },
      reached: () => eventually(() => isReached || undefined).then(() => {}),
      open,
    };
  }

  before = (call: Call): Promise<void> => this.#pass(call, 'before');
  after = (call: Call): Promise<void> => this.#pass(call, 'after');

  async #pass({ name, about }: Call, when: 'before' | 'after'): Promise<void> {
    const found = this.#gates.findIndex((gate) => gate.point === `${name}, ${when}` && (gate.about ?? about) === about);
    const [gate] = found < 0 ? [] : this.#gates.splice(found, 1);
    await gate?.arrive();
  }
}
