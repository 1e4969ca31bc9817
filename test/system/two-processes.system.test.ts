// Two platforms on one store and one database: one holds the leases, the other takes over when it is killed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/condition.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';
import { runScript, type Script } from '../support/process.js';

const ready = z.object({ ready: z.literal(true), port: z.int() });
type Server = Script<z.infer<typeof ready>>;

interface Order {
  readonly id: string;
  readonly status: string;
  readonly position: string;
}
interface Process {
  readonly home: PlatformHome;
  readonly platform: Platform;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'panglot-two-'));
let servers: Server[];
let database: TestDatabase;
let processes: Process[];

beforeAll(async () => {
  const serve = (entry: string, data: string) =>
    runScript(join(root, 'dist/adapters', entry), ['--data', join(folder, data)], ready);
  const node = await serve('embedded/event-node/process.js', 'log');
  const simulator = await serve('payments/simulator/process.js', 'payments');
  servers = [node, simulator];
  database = await freshDatabase();
  const settings = {
    EVENTSTORE_URL: `esdb://127.0.0.1:${node.said.port}?tls=false`,
    DATABASE_URL: database.url,
    STRIPE_API_KEY: 'sk_test_panglot',
    STRIPE_API_BASE: `http://127.0.0.1:${simulator.said.port}`,
  };
  processes = [];
  for (let n = 0; n < 2; n += 1) {
    const home = await platformHome();
    processes.push({ home, platform: await home.start(settings) });
  }
}, 120_000);
afterAll(async () => {
  for (const { home } of processes) await home.remove();
  for (const server of servers) await server.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const place = (platform: Platform, reference: string) =>
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
    { prefer: 'wait=20' },
  );

/** Which process holds each lease, by its pid: a holder's name is host, process and start. */
async function holders(): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; holder: string }>(
      'SELECT name, holder FROM checkpoints WHERE lease_until > clock_timestamp()',
    );
    return new Map(rows.map(({ name, holder }) => [name, Number(holder.split('/')[1])]));
  } finally {
    await client.end();
  }
}

describe('two processes on one store', { timeout: 120_000 }, () => {
  it('both answer, and an order that one has placed is settled and seen by both', async () => {
    const [one, two] = processes.map(({ platform }) => platform);
    if (one === undefined || two === undefined) throw new Error('There are two.');
    await one.send('POST', '/api/v1/stock/A/receipts', { warehouse: 'main', quantity: 1000 });
    for (const [placing, reading] of [
      [one, two],
      [two, one],
    ] as const) {
      const { body } = await place(placing, `by-${placing.pid}`);
      expect(body.status).toBe('CONFIRMED');
      const seen = await reading.get<Order>(`/api/v1/orders/${body.id}`, { 'panglot-min-position': body.position });
      expect(seen.body.status).toBe('CONFIRMED');
    }
  });

  it('each lease is held by one of them, and the other takes over within seconds of a kill -9', async () => {
    const before = await eventually(async () => {
      const held = await holders();
      return held.has('process-manager') && held.has('orders') && held;
    });
    const victim = processes.find(({ platform }) => platform.pid === before.get('process-manager'));
    const survivor = processes.find((other) => other !== victim);
    if (victim === undefined || survivor === undefined) throw new Error('The lease is held by neither.');

    // Orders come in through the survivor all the time: what the victim has begun is brought to its end by the other.
    const acknowledged: string[] = [];
    let going = true;
    const client = async (name: string) => {
      for (let n = 0; going; n += 1) {
        const { status, body } = await place(survivor.platform, `${name}-${n}`);
        if (status === 201) acknowledged.push(body.id);
      }
    };
    const clients = Promise.all(['x', 'y', 'z'].map(client));
    await eventually(() => acknowledged.length > 10);
    await victim.platform.kill();
    const killedAt = performance.now();
    await eventually(async () => [...(await holders()).values()].every((pid) => pid === survivor.platform.pid), 15_000);
    const leaderless = performance.now() - killedAt;
    const seen = acknowledged.length;
    await eventually(() => acknowledged.length > seen + 10);
    going = false;
    await clients;
    for (const id of acknowledged)
      await eventually(
        async () => (await survivor.platform.get<Order>(`/api/v1/orders/${id}`)).body.status === 'CONFIRMED',
        30_000,
      );
    expect(leaderless).toBeLessThan(15_000);
    const { body } = await survivor.platform.get<{ reserved: number; onHand: number }>('/api/v1/stock/A');
    expect(body.onHand).toBe(1000);
  });
});
