// The simulator's ledger: what was acknowledged outlives a killed process; a torn tail is cut, damage is refused.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPaymentSimulator } from '../../../src/adapters/payments/simulator/simulator.js';
import { createStripeGateway } from '../../../src/adapters/payments/stripe-gateway.js';

const entry = fileURLToPath(new URL('../../../dist/adapters/payments/simulator/process.js', import.meta.url));
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'panglot-simulator-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

async function start(...options: string[]) {
  const child = spawn(process.execPath, [entry, '--data', dataDir, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const exited = once(child, 'exit');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, exited, said: JSON.parse(line) };
}

const gatewayAt = (port: number) => createStripeGateway({ apiKey: 'sk_test_x', apiBase: `http://127.0.0.1:${port}` });
const ledgerFile = () => join(dataDir, 'ledger.log');

describe('the process', () => {
  it('loses nothing that it acknowledged when it is killed in the middle of its work', async () => {
    const { child, exited, said } = await start();
    const gateway = gatewayAt(said.port);
    const acknowledged = new Map<string, { key: string; state: string }>();
    async function work(worker: number): Promise<void> {
      for (let n = 0; ; n++) {
        const id = `${worker}-${n}`;
        const request = {
          paymentId: id,
          orderId: id,
          amount: 1 + n,
          currency: 'GBP',
          method: 'pm_card_visa',
          idempotencyKey: `create-${id}`,
        };
        const { intentId } = await gateway.create(request);
        acknowledged.set(intentId, { key: `confirm-${id}`, state: 'created' });
        await gateway.confirm({ intentId, idempotencyKey: `confirm-${id}` });
        acknowledged.set(intentId, { key: `confirm-${id}`, state: 'authorized' });
        await gateway.capture({ intentId, amount: 1 + n, currency: 'GBP', idempotencyKey: `capture-${id}` });
        acknowledged.set(intentId, { key: `confirm-${id}`, state: 'captured' });
        if (acknowledged.size >= 100) child.kill('SIGKILL');
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: 8 }, (_, worker) => work(worker)));
    await exited;
    gateway.close();
    expect(ends.map((end) => end.status)).toEqual(Array(8).fill('rejected'));

    const again = await start();
    const after = gatewayAt(again.said.port);
    const steps = ['created', 'authorized', 'captured'];
    for (const [intentId, { key, state }] of acknowledged) {
      const found = await after.retrieve(intentId);
      expect(steps.indexOf(found.state), `${intentId} was ${state} and is ${found.state}`).toBeGreaterThanOrEqual(
        steps.indexOf(state),
      );
      if (state !== 'created') {
        const replayed = await after.confirm({ intentId, idempotencyKey: key });
        expect(replayed.state, 'the answer is kept under its key').toBe('authorized');
      }
    }
    after.close();
  });

  it('ends when its parent is gone, and when it is asked to', async () => {
    const orphan = await start();
    orphan.child.stdin?.end();
    expect(await orphan.exited).toEqual([0, null]);
    const asked = await start();
    asked.child.kill('SIGTERM');
    expect(await asked.exited).toEqual([0, null]);
  });

  it('says why it cannot start: the port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { exited, said } = await start('--port', String(port));
    expect(said).toEqual({ ready: false, error: expect.stringMatching(/port is taken/) });
    expect(await exited).toEqual([1, null]);
    await new Promise((resolve) => holder.close(resolve));
  });
});

describe('the ledger', () => {
  /** Three intents, and how long the file is after each. */
  async function written(): Promise<number[]> {
    const simulator = await createPaymentSimulator({ dataDir });
    const gateway = gatewayAt(simulator.port);
    const sizes = [];
    for (const id of ['a', 'b', 'c']) {
      await gateway.create({ paymentId: id, orderId: id, amount: 5, currency: 'GBP', method: 'pm_card_visa', idempotencyKey: id });
      sizes.push((await readFile(ledgerFile())).length);
    }
    gateway.close();
    await simulator.close();
    return sizes;
  }

  async function intentsNow() {
    const log: string[] = [];
    const simulator = await createPaymentSimulator({ dataDir, log: (line) => log.push(line) });
    const gateway = gatewayAt(simulator.port);
    const count = async () => (await (await fetch(`${simulator.url}/ledger`)).text()).split('\n').length - 1;
    const before = await count();
    const again = { paymentId: 'd', orderId: 'd', amount: 5, currency: 'GBP', method: 'pm_card_visa', idempotencyKey: 'd' };
    await gateway.create(again);
    const after = await count();
    gateway.close();
    await simulator.close();
    return { before, after, log };
  }

  it('is whole after an ordinary stop', async () => {
    await written();
    expect(await intentsNow()).toEqual({ before: 3, after: 4, log: [] });
  });

  it.each([
    ['is cut in the middle of an entry', (sizes: number[]) => truncate(ledgerFile(), (sizes[2] ?? 0) - 7), 2],
    ['lacks its last newline', (sizes: number[]) => truncate(ledgerFile(), (sizes[2] ?? 0) - 1), 2],
    ['ends in zeros', () => appendFile(ledgerFile(), Buffer.alloc(512)), 3],
    ['ends in an entry with a wrong checksum', () => appendFile(ledgerFile(), '00000000 {"at":1}\n'), 3],
  ])('that %s has its torn tail cut, says so, and goes on', async (_, tear, left) => {
    await tear(await written());
    const { before, after, log } = await intentsNow();
    expect({ before, after }).toEqual({ before: left, after: left + 1 });
    expect(log).toEqual([expect.stringMatching(/unfinished write.*cut off/)]);
    expect(await intentsNow()).toMatchObject({ before: left + 1, log: [] });
  });

  it('that is damaged before good entries is refused: that is no torn tail', async () => {
    const [, second = 0] = await written();
    const bytes = await readFile(ledgerFile());
    bytes[second - 20] = (bytes[second - 20] ?? 0) ^ 1;
    await writeFile(ledgerFile(), bytes);
    await expect(createPaymentSimulator({ dataDir })).rejects.toMatchObject({
      name: 'Corrupt',
      message: expect.stringMatching(/damaged at byte/),
    });
    expect(await readFile(ledgerFile())).toEqual(bytes);
  });

  it('of the first version is read: its refunds succeeded, and its answers were no errors', async () => {
    const request = (key: string) => ({ key, fingerprint: 'f', expandsCharge: false });
    const created = { type: 'created', intent: 'pi_1', amount: 5, currency: 'gbp', method: 'pm_card_visa', metadata: {} };
    const refunded = { type: 'refunded', intent: 'pi_1', refund: 're_1', amount: 5, metadata: { refundId: 'r-1' } };
    const captured = { type: 'captured', intent: 'pi_1', amount: 5 };
    const facts = [created, { type: 'authorized', intent: 'pi_1' }, captured, refunded];
    const entries = facts.map((fact, n) => JSON.stringify({ at: Date.now(), fact, request: request(`k-${n}`) }));
    await writeFile(ledgerFile(), entries.map((json) => `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`).join(''));
    const simulator = await createPaymentSimulator({ dataDir });
    const gateway = gatewayAt(simulator.port);
    expect(await gateway.retrieve('pi_1')).toMatchObject({ state: 'captured', amountCaptured: 5 });
    expect(await gateway.findRefund({ intentId: 'pi_1', refundId: 'r-1' })).toMatchObject({ state: 'succeeded' });
    gateway.close();
    await simulator.close();
  });

  it('that was written by something else is refused, and left as it is', async () => {
    await written();
    const foreign = '{"at":1,"fact":{"type":"teleported"},"request":null}';
    await appendFile(ledgerFile(), `${crc32(foreign).toString(16).padStart(8, '0')} ${foreign}\n`);
    const bytes = await readFile(ledgerFile());
    await expect(createPaymentSimulator({ dataDir })).rejects.toMatchObject({
      name: 'Corrupt',
      message: expect.stringMatching(/version/),
    });
    expect(await readFile(ledgerFile())).toEqual(bytes);
  });
});
