// Stopping, killing and starting again: what was accepted is there, and it settles.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signal } from '../../src/adapters/embedded/processes.js';
import { eventually } from '../support/condition.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';

let home: PlatformHome;
beforeEach(async () => {
  home = await platformHome();
});
afterEach(() => home.remove());

interface Order {
  readonly id: string;
  readonly status: string;
}

const place = (platform: Platform, reference: string, headers: Record<string, string> = {}) =>
  platform.send<Order>(
    'POST',
    '/api/v1/orders',
    {
      reference,
      customerId: 'c',
      currency: 'GBP',
      lines: [{ sku: 'A', quantity: 1, unitPrice: 100 }],
      payment: { method: 'pm_card_visa' },
    },
    headers,
  );
const receive = (platform: Platform, quantity: number) =>
  platform.send('POST', '/api/v1/stock/A/receipts', { warehouse: 'main', quantity });
const settled = (platform: Platform, id: string) =>
  eventually(async () => (await platform.get<Order>(`/api/v1/orders/${id}`)).body.status === 'CONFIRMED', 60_000);
const stock = async (platform: Platform) => (await platform.get<{ onHand: number; reserved: number }>('/api/v1/stock/A')).body;

/** Places orders until told to end, and remembers which were acknowledged. */
function placing(platform: Platform, prefix: string) {
  const acknowledged: string[] = [];
  let going = true;
  let sent = 0;
  const client = async () => {
    while (going) {
      sent += 1;
      const answer = await place(platform, `${prefix}-${sent}`).catch(() => null);
      if (answer?.status === 201) acknowledged.push(answer.body.id);
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  return {
    acknowledged,
    end: async () => {
      going = false;
      await clients;
    },
  };
}

describe('the platform', { timeout: 180_000 }, () => {
  it('ends in good order on Ctrl-C, and a second start finds everything', async () => {
    const first = await home.start();
    await receive(first, 10);
    const { body } = await place(first, 'r-1', { prefer: 'wait=20' });
    expect(body.status).toBe('CONFIRMED');
    expect(await first.stop()).toBe(0);
    expect(first.children('')).toEqual([]);
    const second = await home.start();
    expect((await second.get<Order>(`/api/v1/orders/${body.id}`)).body.status).toBe('CONFIRMED');
    expect((await place(second, 'r-1')).status).toBe(200);
    expect(await stock(second)).toMatchObject({ onHand: 10, reserved: 1 });
  });

  it('stopped in the middle of many orders, settles them all after the next start', async () => {
    const first = await home.start();
    await receive(first, 100_000);
    const load = placing(first, 'm');
    await eventually(() => load.acknowledged.length > 50);
    expect(await first.stop()).toBe(0);
    await load.end();
    const second = await home.start();
    for (const id of load.acknowledged) await settled(second, id);
  });

  it('killed at once with everything under load, comes up by itself, loses nothing that was acknowledged, and charges nobody twice', async () => {
    const first = await home.start();
    await receive(first, 100_000);
    const load = placing(first, 'k');
    await eventually(() => load.acknowledged.length > 50);
    await first.killEverything();
    await load.end();
    const second = await home.start();
    for (const id of load.acknowledged) await settled(second, id);
    // Orders whose reply was lost may exist too: what is reserved and charged is what the confirmed orders hold.
    const confirmed = await eventually(async () => {
      const orders = await everyOrder(second);
      return orders.every(({ status }) => status === 'CONFIRMED') && orders.length;
    }, 60_000);
    expect(await stock(second)).toMatchObject({ onHand: 100_000, reserved: confirmed });
  });

  it.each(['event-node', 'simulator'])('starts a %s that dies alone again, and goes on', async (child) => {
    const platform = await home.start();
    await receive(platform, 10);
    const [victim] = platform.children(`${child}/process.js`);
    expect(victim).toBeDefined();
    signal(victim ?? 0, 'SIGKILL');
    const answer = await eventually(async () => {
      const placed = await place(platform, `after-${child}`, { prefer: 'wait=20' });
      return (placed.status === 200 || placed.status === 201) && placed.body.status === 'CONFIRMED' && placed;
    }, 60_000);
    expect(answer.body.status).toBe('CONFIRMED');
    expect(platform.children(`${child}/process.js`)).not.toContain(victim);
  });

  it('goes on after PostgreSQL was killed alone', async () => {
    const platform = await home.start();
    await receive(platform, 10);
    for (const pid of platform.children('postgres')) signal(pid, 'SIGKILL');
    const { body } = await eventually(async () => {
      const placed = await place(platform, 'after-postgres', { prefer: 'wait=20' });
      return placed.body.status === 'CONFIRMED' && placed;
    }, 60_000);
    await settled(platform, body.id);
  });
});

async function everyOrder(platform: Platform): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const path: string = `/api/v1/orders?limit=100${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`;
    const { body } = await platform.get<{ data: Order[]; page: { next: string | null } }>(path);
    orders.push(...body.data);
    next = body.page.next;
  }
  return orders;
}
