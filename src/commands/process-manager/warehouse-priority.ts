// The open warehouses in their order of priority, as the reservation worker needs them: at hand, and never a reason to wait.

import type { WarehousePriority } from './reservation-worker.js';

/**
 * Reads the order of the warehouses at most once in so many milliseconds. While it cannot be read the last one known is used, at first
 * none, which means by id: only a preference hangs on it, never whether there is stock.
 */
export function cachedPriority(read: () => Promise<readonly string[]>, maxAgeMilliseconds: number): WarehousePriority {
  let known: readonly string[] | null = null;
  let reading: Promise<void> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    try {
      known = await read();
    } catch {
      // The next reservation tries again; this one goes on with what is known.
    } finally {
      readAt = performance.now();
      reading = null;
    }
  }

  return async () => {
    if (performance.now() - readAt > maxAgeMilliseconds) {
      reading ??= refresh();
      if (known === null) await reading;
    }
    return known ?? [];
  };
}
