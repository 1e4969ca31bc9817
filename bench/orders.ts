// One-line orders through the whole platform, from POST to CONFIRMED visible in the read model: at saturation, and at half of it. Starts
// a platform of its own with all its parts embedded, on a folder that is removed afterwards.
//
//   npm run bench:orders [-- --seconds 20 --open 200 --skus 500]

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { freePort } from '../src/adapters/embedded/postgres/postmaster.js';
import { bareRequestCost } from './bare-request.js';
import { cpuByPart } from './process-cpu.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    open: { type: 'string', default: '200' },
    skus: { type: 'string', default: '500' },
  },
});
const seconds = Number(values.seconds);
const open = Number(values.open);
const skus = Array.from({ length: Number(values.skus) }, (_, n) => `BENCH-${n}`);

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'panglot-bench-'));

interface Sample {
  readonly orders: number;
  readonly seconds: number;
  readonly latencies: readonly number[];
  readonly cpu: ReadonlyMap<string, number>;
  readonly generatorCpu: number;
  readonly notConfirmed: number;
}

const percentile = (sorted: readonly number[], p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;

async function main() {
  const port = await freePort();
  const platform = spawn(process.execPath, ['--max-semi-space-size=32', join(root, 'bin/panglot.js'), 'start'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DATA_DIR: folder, PORT: String(port), LOG_LEVEL: 'warn', LOG_FORMAT: 'json' },
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: open + 16, pipelining: 1 });
  const request = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await pool.request({
      method,
      path,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as { status?: string } };
  };
  try {
    for (;;) {
      const ready = await request('GET', '/readyz').catch(() => null);
      if (ready?.status === 200) break;
      if (platform.exitCode !== null) throw new Error('The platform did not start.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const sku of skus) await request('POST', `/api/v1/stock/${sku}/receipts`, { warehouse: 'main', quantity: 1_000_000 });
    const postgresPid = Number(readFileSync(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const platformPid = platform.pid ?? 0;

    let placed = 0;
    const placeOne = async (): Promise<{ milliseconds: number; confirmed: boolean }> => {
      const sku = skus[placed++ % skus.length];
      const begun = performance.now();
      const order = {
        customerId: `c-${placed % 1000}`,
        currency: 'GBP',
        lines: [{ sku, description: 'Bench', quantity: 1, unitPrice: 165 }],
        payment: { method: 'pm_card_visa' },
      };
      const { status, body } = await request('POST', '/api/v1/orders', order, { prefer: 'wait=30' });
      return { milliseconds: performance.now() - begun, confirmed: status === 201 && body.status === 'CONFIRMED' };
    };

    async function measure(
      lengthSeconds: number,
      drive: (until: number, done: (one: Awaited<ReturnType<typeof placeOne>>) => void) => Promise<void>,
    ): Promise<Sample> {
      const latencies: number[] = [];
      let notConfirmed = 0;
      const before = cpuByPart(platformPid, postgresPid);
      const generatorBefore = process.cpuUsage();
      const begun = performance.now();
      await drive(begun + lengthSeconds * 1000, ({ milliseconds, confirmed }) => {
        if (confirmed) latencies.push(milliseconds);
        else notConfirmed += 1;
      });
      const elapsed = (performance.now() - begun) / 1000;
      const generator = process.cpuUsage(generatorBefore);
      const cpu = new Map([...cpuByPart(platformPid, postgresPid)].map(([part, used]) => [part, used - (before.get(part) ?? 0)]));
      latencies.sort((a, b) => a - b);
      return {
        orders: latencies.length,
        seconds: elapsed,
        latencies,
        cpu,
        generatorCpu: generator.user + generator.system,
        notConfirmed,
      };
    }

    const saturated = (length: number) =>
      measure(length, async (until, done) => {
        const worker = async () => {
          while (performance.now() < until) done(await placeOne());
        };
        await Promise.all(Array.from({ length: open }, worker));
      });
    const paced = (length: number, rate: number) =>
      measure(length, async (until, done) => {
        const pending = new Set<Promise<void>>();
        const begun = performance.now();
        for (let sent = 0; performance.now() < until; ) {
          const due = Math.floor(((performance.now() - begun) / 1000) * rate);
          for (; sent < due; sent += 1) {
            const one: Promise<void> = placeOne()
              .then(done)
              .finally(() => pending.delete(one));
            pending.add(one);
          }
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await Promise.all(pending);
      });

    await saturated(Math.min(5, seconds));
    const full = await saturated(seconds);
    const half = await paced(seconds, full.orders / full.seconds / 2);
    const bare = await bareRequestCost();
    console.log(`A bare HTTP request costs ${bare.toFixed(0)} us here, client and server together.`);
    print(`saturation, ${open} open orders`, full, bare);
    print('half of it', half, bare);
  } finally {
    await pool.destroy();
    platform.kill('SIGTERM');
    await new Promise((resolve) => (platform.exitCode === null ? platform.once('exit', resolve) : resolve(null)));
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(name: string, { orders, seconds, latencies, cpu, generatorCpu, notConfirmed }: Sample, bare: number) {
  const perOrder = (used: number) => used / orders;
  const line = (part: string, used: number) =>
    console.log(
      `    ${part.padEnd(18)} ${perOrder(used).toFixed(0).padStart(6)} us ${(perOrder(used) / bare).toFixed(1).padStart(6)} bare requests`,
    );
  const total = [...cpu.values()].reduce((sum, used) => sum + used, 0);
  console.log(
    `\n${name}: ${(orders / seconds).toFixed(0)} orders/s (${orders} in ${seconds.toFixed(1)} s; ${notConfirmed} not confirmed)`,
  );
  console.log(
    `  POST to CONFIRMED visible: p50 ${percentile(latencies, 0.5).toFixed(0)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms`,
  );
  console.log('  CPU an order:');
  line('all of the platform', total);
  for (const [part, used] of [...cpu].sort((a, b) => b[1] - a[1])) line(`  ${part}`, used);
  line('load generator', generatorCpu);
}

await main();
