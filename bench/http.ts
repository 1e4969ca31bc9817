// What a request costs the server's process: GET by id, a list of 20, a POST, of Panglot and of other ways to serve the same routes, in turns.
//
//   npm run bench:http [-- --rounds 7 --requests 4000]

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { type Kind, kinds, orderId } from './http-servers.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, requests: { type: 'string', default: '4000' } },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const clients = 16;

const order = JSON.stringify({
  ...{ customerId: '18211', currency: 'GBP', payment: { method: 'pm_card_visa' } },
  lines: Array.from({ length: 10 }, (_, n) => ({
    sku: `SKU-${n}`,
    description: 'HANGING METAL STAR LANTERN',
    quantity: 12,
    unitPrice: 165,
  })),
});
const asked = {
  'GET by id': { method: 'GET', path: `/api/v1/orders/${orderId}` },
  'list of 20': { method: 'GET', path: '/api/v1/orders' },
  'POST of 1 KB': { method: 'POST', path: '/api/v1/orders', body: order, headers: { 'content-type': 'application/json' } },
} as const;
type Asked = keyof typeof asked;

interface Served {
  readonly kind: Kind;
  readonly child: ChildProcess;
  readonly pool: Pool;
}

async function serve(kind: Kind): Promise<Served> {
  const child = fork(fileURLToPath(new URL('http-servers.ts', import.meta.url)), [kind]);
  const [port] = await once(child, 'message');
  return { kind, child, pool: new Pool(`http://127.0.0.1:${port}`, { connections: clients }) };
}

async function cpu({ child }: Served): Promise<number> {
  child.send('cpu');
  return (await once(child, 'message'))[0];
}

/** CPU microseconds of the server for one request. */
async function cost(served: Served, what: Asked, count: number): Promise<number> {
  const before = await cpu(served);
  let left = count;
  const client = async () => {
    while (left-- > 0) {
      const { statusCode, body } = await served.pool.request(asked[what]);
      await body.dump();
      if (statusCode >= 300) throw new Error(`${served.kind} answered ${statusCode} to ${what}.`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return ((await cpu(served)) - before) / count;
}

const median = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

const servers = await Promise.all(kinds.map(serve));
try {
  const figures = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round += 1)
    for (const what of Object.keys(asked) as Asked[])
      for (const served of servers) {
        const one = await cost(served, what, round === 0 ? requests / 2 : requests);
        // The first round is for the compiler.
        if (round > 0) figures.set(`${what} ${served.kind}`, [...(figures.get(`${what} ${served.kind}`) ?? []), one]);
      }
  const of = (what: Asked, kind: Kind) => median(figures.get(`${what} ${kind}`) ?? []);
  console.log(
    `| | ${Object.keys(asked).join(' | ')} |\n|---|${Object.keys(asked)
      .map(() => '---')
      .join('|')}|`,
  );
  for (const kind of kinds) {
    const cells = (Object.keys(asked) as Asked[]).map(
      (what) => `${of(what, kind).toFixed(0)} us, ${(of(what, kind) / of(what, 'node:http')).toFixed(2)}`,
    );
    console.log(`| ${kind} | ${cells.join(' | ')} |`);
  }
} finally {
  for (const { pool, child } of servers) {
    await pool.destroy();
    child.kill();
  }
}
