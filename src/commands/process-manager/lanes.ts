// What must go one after another, and what may go side by side.

/** Runs tasks of one lane in the order in which they came, and lanes beside each other. A lane without tasks costs nothing. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

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
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}

/** Does something for each item, at most so many at once; the results in the items' order. The first failure is thrown when all have ended. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const remaining = items.entries();
  const worker = async () => {
    for (const [index, item] of remaining) {
      if (failures.length > 0) return;
      try {
        results[index] = await task(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
