// Waiting for orders to be settled, for `Prefer: wait=n`: all that are waited for are looked up in one query, once each time that the
// read model has moved on, however many wait.

import { settledAmong } from '../../projections/orders/order-queries.js';
import type { OrderView } from '../../projections/orders/order-view.js';
import type { Progress } from '../../projections/runtime/progress.js';
import type { Sql } from '../../projections/sql.js';
import type { SettlementWatch } from './services.js';

const model = 'orders';

/** Past so many a caller is answered at once: to wait is only its preference. */
const mostWaiting = 4096;

/** A watch over these read models. `endAll` answers everybody who waits, for good. */
export function watchSettlements(sql: Sql, progress: Progress): SettlementWatch & { endAll(): void } {
  const waiting = new Map<string, Set<(order: OrderView | null) => void>>();
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
        for (const order of await settledAmong(sql, [...waiting.keys()]))
          for (const done of waiting.get(order.id) ?? []) done(order);
      }
    } catch {
      // The database is away: the next advance, which needs it as well, looks again.
    } finally {
      asking = false;
    }
  }

  function settled(orderId: string, position: bigint, timeoutMs: number): Promise<OrderView | null> {
    if (ended || timeoutMs <= 0 || waiting.size >= mostWaiting) return Promise.resolve(null);
    return new Promise((resolve) => {
      const done = (order: OrderView | null) => {
        clearTimeout(timer);
        const others = waiting.get(orderId);
        others?.delete(done);
        if (others?.size === 0) waiting.delete(orderId);
        if (waiting.size === 0) {
          unsubscribe?.();
          unsubscribe = null;
        }
        resolve(order);
      };
      const timer = setTimeout(done, timeoutMs, null);
      const others = waiting.get(orderId);
      if (others === undefined) waiting.set(orderId, new Set([done]));
      else others.add(done);
      unsubscribe ??= progress.onAdvance((models) => {
        if (models.includes(model)) void look();
      });
      // What the read model has not seen yet it will see in an advance that is still to come.
      if (progress.reached(model) >= position) void look();
    });
  }

  return {
    settled,
    endAll: () => {
      ended = true;
      for (const those of [...waiting.values()]) for (const done of [...those]) done(null);
    },
  };
}
