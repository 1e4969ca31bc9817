// The load of the kill campaign: clients that place orders of many kinds and cancel some, and ask again under the same key until they are
// answered, as a careful client does. What was acknowledged is remembered: it may not be lost.

import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../support/platform.js';

/** What a client knows of one order that it has asked for. */
export interface Asked {
  /** The customer's id, which no two requests share: it finds the order whatever became of the reply. */
  readonly customerId: string;
  readonly sku: string;
  readonly quantity: number;
  /** The order, once its placing was acknowledged. */
  orderId: string | null;
}

interface Order {
  readonly id: string;
  readonly status: string;
}

/** A repeatable source of numbers from 0 to 1 (mulberry32): the same seed sends the same orders. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of a hundred orders. */
const methods: readonly (readonly [method: string, share: number])[] = [
  ['pm_card_visa', 80],
  ['pm_card_visa_chargeDeclined', 5],
  ['pm_sim_reply_lost', 6],
  ['pm_sim_capture_fails', 4],
  ['pm_sim_slow', 3],
  ['pm_sim_outage', 2],
];

function methodFor(drawn: number): string {
  let rest = drawn * 100;
  for (const [method, share] of methods) {
    rest -= share;
    if (rest < 0) return method;
  }
  return 'pm_card_visa';
}

export interface Load {
  readonly asked: readonly Asked[];
  acknowledged(): number;
  /** Begins no more orders, and waits until every one that was begun has been answered. */
  end(): Promise<void>;
}

/** `current` is the platform that runs now: requests go on while it is being replaced. */
export function startLoad(current: () => Platform, clients: number, seed: number): Load {
  const asked: Asked[] = [];
  const random = seeded(seed);
  let going = true;

  /** Sends until there is an answer that is one: not a broken connection, not "come again". */
  async function persist<Body>(path: string, body: unknown, key: string): Promise<{ status: number; body: Body }> {
    for (;;) {
      const answer = await current()
        .send<Body & { code?: string }>('POST', path, body, { 'idempotency-key': key })
        .catch(() => null);
      if (answer !== null && answer.status !== 503 && answer.body?.code !== 'idempotency-key-in-use') return answer;
      // Not a test's waiting: a client leaves the server some time.
      await delay(100);
    }
  }

  async function client(): Promise<void> {
    while (going) {
      const scarce = random() < 0.1;
      const one: Asked = {
        customerId: `k-${seed}-${asked.length}`,
        sku: scarce ? 'SCARCE' : 'PLENTY',
        quantity: 1 + Math.floor(random() * 3),
        orderId: null,
      };
      const cancels = random() < 0.15;
      const named = random() < 0.3;
      const method = methodFor(random());
      asked.push(one);
      const { customerId, sku, quantity } = one;
      const lines = [{ sku, quantity, unitPrice: 100 }];
      const reference = named ? { reference: customerId } : {};
      const request = { customerId, currency: 'GBP', lines, payment: { method }, ...reference };
      const placed = await persist<Order>('/api/v1/orders', request, `place ${customerId}`);
      if (placed.status !== 201 && placed.status !== 200) throw new Error(`An order was answered ${JSON.stringify(placed)}`);
      one.orderId = placed.body.id;
      if (cancels) await persist(`/api/v1/orders/${placed.body.id}/cancel`, { reason: 'changed my mind' }, `cancel ${customerId}`);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, client));
  // It is awaited at the end; until then a failure waits there.
  all.catch(() => {});
  return {
    asked,
    acknowledged: () => asked.filter(({ orderId }) => orderId !== null).length,
    end: async () => {
      going = false;
      await all;
    },
  };
}
