// `panglot import retail` as a process: what it prints where, how it exits, how it takes Ctrl-C.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/condition.js';
import { type StandInPlatform, startStandInPlatform } from './stand-in-platform.js';

const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const sample = fileURLToPath(new URL('../fixtures/retail.csv', import.meta.url));

let platform: StandInPlatform;
beforeEach(async () => {
  platform = await startStandInPlatform();
});
afterEach(() => platform.stop());

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [command, 'import', 'retail', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (said.stdout += String(data)));
  child.stderr.on('data', (data) => (said.stderr += String(data)));
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  return { child, ended };
}
const run = (...args: readonly string[]) => start(...args).ended;

describe('panglot import retail', () => {
  it('prints its report, its progress beside it, and exits with 0 when everything settled', async () => {
    const { code, stdout, stderr } = await run(sample, '--url', `${platform.url}/`);
    expect(stdout).toMatch(/equal to the penny/);
    expect(stderr).toMatch(/^Opening stock: 8\/8, .*\nOrders: 5\/5, .*\nSettled: 4\/4, .*\n$/);
    expect(code).toBe(0);
  });

  it('prints one JSON document with --json', async () => {
    const { stdout } = await run(sample, '--url', platform.url, '--json', '--stock', '0.5');
    expect(JSON.parse(stdout)).toMatchObject({ file: { rows: 27 }, openingStock: { skus: 8 }, complete: true });
  });

  it('exits with 1 when an order was refused that the file does not excuse', async () => {
    platform.take('700001');
    expect(await run(sample, '--url', platform.url)).toMatchObject({ code: 1, stdout: expect.stringContaining('reference-taken') });
  });

  it('exits with 1 and a sentence, and no report, on a file that it cannot read', async () => {
    const { code, stdout, stderr } = await run('none.csv.gz', '--url', platform.url);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'none.csv.gz was not imported: there is no such file.\n',
    });
  });

  it.each([
    ['--concurrency', '0', 'It should be a whole number from 1 to 256.'],
    ['--concurrency', '1e2', 'It should be a whole number from 1 to 256.'],
    ['--settle-timeout', '5', 'It should be a duration above zero'],
    ['--stock', 'plenty', 'It should be exact, none, or a factor'],
    ['--url', 'localhost:8080', 'It should be an http or https address.'],
  ])('refuses %s %s in a sentence', async (option, value, sentence) => {
    const { code, stderr } = await run(sample, option, value);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });

  it('prints the report so far on Ctrl-C, and exits with 130', async () => {
    platform.behave({ looksUntilSettled: Number.POSITIVE_INFINITY });
    const { child, ended } = start(sample, '--url', platform.url, '--json');
    await eventually(() => [...platform.orders.values()].some(({ looks }) => looks > 0));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(JSON.parse(stdout)).toMatchObject({
      complete: false,
      orders: { sent: 4, settled: 0 },
      stopped: expect.stringContaining('interrupted'),
    });
    expect(code).toBe(130);
  });
});
