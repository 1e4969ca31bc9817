// What must go one after another.

/** Runs tasks of one lane in the order in which they came, and lanes beside each other. A lane without tasks costs nothing. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Whether any lane has a task left. */
  get busy(): boolean {
    return this.#tails.size > 0;
  }

  /** Queues a task on a lane. The task must not reject. */
  run(lane: string, task: () => Promise<void>): void {
    const before = this.#tails.get(lane);
    const mine = before === undefined ? task() : before.then(task);
    this.#tails.set(lane, mine);
    void mine.then(() => {
      if (this.#tails.get(lane) === mine) this.#tails.delete(lane);
    });
  }

  /** Resolves when no lane has a task left. */
  async idle(): Promise<void> {
    while (this.busy) await Promise.all(this.#tails.values());
  }
}
