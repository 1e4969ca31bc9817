// The TypeScript on the pages compiles under the project's own settings, and runs.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, pages, root } from './pages.js';

const folder = mkdtempSync(join(tmpdir(), 'panglot-snippets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As they stand, but for where the sources are. */
const snippets = pages.flatMap((page) =>
  blocksOf(page, 'ts').map((code, index) => ({
    name: `${page.replaceAll(/[^a-z]/gi, '-')}-${index + 1}`,
    code: code.replaceAll(/from '(?:\.\.?\/)+src\//g, `from '${root}src/`),
  })),
);
const require = createRequire(join(root, 'package.json'));
let said = '';

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { name, code } of snippets) writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = { noEmit: true, rootDir: '/', typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }),
  );
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  said = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
});

describe('the TypeScript on the pages', () => {
  it('is found', () => expect(snippets.length).toBeGreaterThan(0));
  it('compiles', () => expect(said).toBe(''));
  it.each(snippets)('$name runs', ({ name }) => {
    const tsx = require.resolve('tsx/cli');
    expect(execFileSync(process.execPath, [tsx, join(folder, `${name}.ts`)], { encoding: 'utf8' })).not.toBe('');
  });
});
