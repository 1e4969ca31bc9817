// The command teaches: every command has help with examples, and what is wrong is said in a sentence with the right exit code.

import { describe, expect, it } from 'vitest';
import { panglot } from './panglot.js';

const nowhere = 'http://127.0.0.1:1';

describe('panglot --help', () => {
  it('names every command, and where to begin', async () => {
    const { code, stdout } = await panglot(['--help']);
    for (const name of ['start', 'demo', 'import', 'order', 'stock', 'stream', 'config', 'doctor'])
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(stdout).toContain('npm run demo');
    expect(code).toBe(0);
  });

  it.each([
    ['start'],
    ['demo'],
    ['import', 'retail'],
    ['order', 'show'],
    ['stock', 'show'],
    ['stream', 'read'],
    ['config'],
    ['doctor'],
  ])('%s %s: has examples, and says what --json gives', async (...command) => {
    const { code, stdout } = await panglot([...command.filter((word) => word !== undefined), '--help']);
    expect(stdout).toMatch(/\nExamples:\n {2}\$ /);
    if (command[0] !== 'start') expect(stdout).toContain('--json');
    expect(code).toBe(0);
  });
});

describe('panglot, used wrongly', () => {
  it.each([
    [['nothing'], "unknown command 'nothing'"],
    [['orders', 'show', 'x'], "unknown command 'orders'"],
    [['order', 'show'], "missing required argument 'order'"],
    [['demo', '--rate', 'fast'], 'It should be a number of orders a second'],
    [['demo', '--orders', '0'], 'It should be a whole number from 1 to 999999.'],
    [['stream', 'read', 'x', '--bogus'], "unknown option '--bogus'"],
  ])('%j ends with 2 and a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await panglot(args);
    expect(stderr).toContain(sentence);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('panglot, when what it asks is away', () => {
  it.each([
    [['order', 'show', 'demo-1-1', '--url', nowhere], /^No platform answers at http:\/\/127\.0\.0\.1:1: .*npm start.*\n$/],
    [['stock', 'show', '--url', nowhere], /^No platform answers at .*\n$/],
    [['stream', 'read', 'panglot-log'], /^No platform with an embedded event node runs on \/tmp\/panglot-nobody: .*\n$/],
  ])('%j ends with 1 and one sentence on stderr', async (args, sentence) => {
    const { code, stdout, stderr } = await panglot(args, { env: { DATA_DIR: '/tmp/panglot-nobody' } });
    expect(stderr).toMatch(sentence);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('a demo without a platform ends with 1, and says how to start one', async () => {
    const { code, stdout } = await panglot(['demo', '--orders', '1', '--url', nowhere]);
    expect(stdout).toContain('Start one with `npm start`');
    expect(code).toBe(1);
  });

  it('a file that cannot be written is a sentence', async () => {
    const { code, stderr } = await panglot(['demo', '--orders', '1', '--csv', '/nowhere/demo.csv']);
    expect(stderr).toMatch(/^\/nowhere\/demo\.csv could not be written: .*\n$/);
    expect(code).toBe(1);
  });
});
