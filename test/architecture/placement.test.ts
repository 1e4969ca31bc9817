// The rules of who may import whom are lint rules; these tests show that they bite.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'panglot-placement-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const importing = (module: string) => `import { x } from '${module}';\n\nexport const y = x;\n`;

const forbidden = [
  ['src/domain/order', '../../commands/command.js', 'src/domain imports nothing outside'],
  ['src/domain/order', '../../adapters/log.js', 'src/domain imports nothing outside'],
  ['src/domain/order', 'node:fs', 'zod is its only package'],
  ['src/domain/order', 'uuid', 'zod is its only package'],
  ['src/commands', '../projections/projection.js', 'src/commands imports src/domain only'],
  ['src/commands', '../adapters/log.js', 'src/commands imports src/domain only'],
  ['src/commands', '../api/rest/route.js', 'src/commands imports src/domain only'],
  ['src/projections', '../commands/command.js', 'a projection cannot reach a side effect'],
  ['src/projections', '../adapters/log.js', 'a projection cannot reach a side effect'],
  ['src/api/rest', '../../adapters/log.js', 'given its adapters by src/main.ts'],
  ['src/adapters', '../api/rest/route.js', 'it knows nothing of the API'],
  ['src/adapters', '../main.js', 'it knows nothing of the API'],
] as const;

const allowed = [
  ['src/domain/order', '../stock/stock.js'],
  ['src/domain/order', 'zod'],
  ['src/commands', '../domain/decider.js'],
  ['src/commands', 'node:crypto'],
  ['src/projections', '../domain/decider.js'],
  ['src/api/rest', '../../commands/command.js'],
  ['src/api/rest', '../../projections/projection.js'],
  ['src/adapters', '../commands/payment-gateway.js'],
  ['src', './adapters/log.js'],
] as const;

const impure = ['Date.now()', 'new Date()', 'Math.random()', 'crypto.randomUUID()', 'performance.now()', 'process.env'];
const pure = 'new Date(Date.parse("2026-01-01")).toISOString()';

const cases = [
  ...forbidden.map(([room, module]) => ({ room, content: importing(module) })),
  ...allowed.map(([room, module]) => ({ room, content: importing(module) })),
  ...[...impure, pure].map((expression) => ({ room: 'src/domain/order', content: `export const x = ${expression};\n` })),
];
const pathOf = (room: string, content: string) =>
  join(room, `case-${cases.findIndex((known) => known.room === room && known.content === content)}.ts`);

const found = new Map<string, string>();

beforeAll(() => {
  const { $schema: _, vcs: __, ...config } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  for (const { room, content } of cases) {
    const path = join(folder, pathOf(room, content));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  });
  for (const { message, location } of JSON.parse(stdout.slice(stdout.indexOf('{'))).diagnostics)
    found.set(location.path, `${found.get(location.path) ?? ''}${message}\n`);
});

const saidOf = (room: string, content: string) => found.get(pathOf(room, content)) ?? '';

describe('a line of code knows its room', () => {
  it.each(forbidden)('%s may not import %s', (room, module, rule) => expect(saidOf(room, importing(module))).toContain(rule));
  it.each(allowed)('%s may import %s', (room, module) => expect(saidOf(room, importing(module))).toBe(''));
  it.each(impure)('src/domain may not say %s: time and chance come in with the command', (expression) =>
    expect(saidOf('src/domain/order', `export const x = ${expression};\n`)).toContain('src/domain is pure'),
  );
  it('src/domain may count with times that it was given', () =>
    expect(saidOf('src/domain/order', `export const x = ${pure};\n`)).toBe(''));
});
