// Waiting for orders to be settled, for `Prefer: wait=n`: all that are waited for are looked up in one query, once each time that the
// read model has moved on, however many wait.

import { settledAmong } from '../../projections/orders/order-queries.js';
import type { Progress } from '../../projections/runtime/progress.js';
import type { Sql } from '../../projections/sql.js';
import type { SettlementWatch } from './services.js';

const model = 'orders';

/** Past so many a caller is answered at once: to wait is only its preference. */
const mostWaiting = 4096;

/** A watch over these read models. `endAll` answers everybody who waits, for good. */
export function watchSettlements(sql: Sql, progress: Progress): SettlementWatch & { endAll(): void } {
  const waiting = new Map<string, Set<() => void>>();
  let unsubscribe: (() => void) | null = null;
  let asking = false;
  let moved = false;
  let ended = false;

  async function look(): Promise<void> {
    moved = true;
    if (asking) return;
    asking = true;
    try {
      while (moved && waiting.size > 0) {
        moved = false;
        for (const id of await settledAmong(sql, [...waiting.keys()])) for (const done of waiting.get(id) ?? []) done();
      }
    } catch {
      // The database is away: the next advance, which needs it as well, looks again.
    } finally {
      asking = false;
    }
  }

  function settled(orderId: string, timeoutMs: number): Promise<void> {
    if (ended || timeoutMs <= 0 || waiting.size >= mostWaiting) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        const others = waiting.get(orderId);
        others?.delete(done);
        if (others?.size === 0) waiting.delete(orderId);
        if (waiting.size === 0) {
          unsubscribe?.();
          unsubscribe = null;
        }
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const others = waiting.get(orderId);
      if (others === undefined) waiting.set(orderId, new Set([done]));
      else others.add(done);
      unsubscribe ??= progress.onAdvance((models) => {
        if (models.includes(model)) void look();
      });
      void look();
    });
  }

  return {
    settled,
    endAll: () => {
      ended = true;
      for (const those of [...waiting.values()]) for (const done of [...those]) done();
    },
  };
}
