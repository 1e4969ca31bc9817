// Bounded concurrency over a sequence.

/**
 * Works on every item, at most `limit` at a time, in order of start. The first failure starts nothing more, waits for what is under
 * way, and is thrown.
 */
export async function concurrently<Item>(items: Iterable<Item>, limit: number, work: (item: Item) => Promise<void>): Promise<void> {
  const remaining = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    while (failures.length === 0) {
      const next = remaining.next();
      if (next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
}
