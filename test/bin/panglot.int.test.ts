import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../bin/compile.js';

/** A small program in the place of the platform, with our start, our settings for the compiler, and the compiler itself unless told otherwise. */
function checkout({ compiler = true } = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'panglot-bin-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['bin', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(packageRoot, name), join(root, name), { recursive: true });
  if (compiler) symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'src'));
  source(root, 'cli.ts', "import { word } from './word.js';\nconsole.log([word, ...process.argv.slice(2)].join(' '));\n");
  source(root, 'word.ts', "export const word: string = 'one';\n");
  return root;
}

const source = (root: string, name: string, text: string) => writeFileSync(join(root, 'src', name), text);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const panglot = (root: string, ...args: string[]) =>
  new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, [join(root, 'bin', 'panglot.js'), ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

const said = (stdout: string): Ended => ({ code: 0, stdout: `${stdout}\n`, stderr: '' });

describe('the panglot command', () => {
  it('compiles what was never compiled, and hands over its arguments', async () => {
    expect(await panglot(checkout(), 'start', '--now')).toEqual(said('one start --now'));
  });

  it('runs what the sources say now, and compiles nothing when they say the same', async () => {
    const root = checkout();
    await panglot(root);
    writeFileSync(join(root, 'dist', 'word.js'), "export const word = 'not compiled again';\n");
    utimesSync(join(root, 'src', 'word.ts'), new Date(), new Date(Date.now() + 60_000));
    expect(await panglot(root)).toEqual(said('not compiled again'));
    source(root, 'word.ts', "export const word: string = 'two';\n");
    expect(await panglot(root)).toEqual(said('two'));
  });

  it('removes what has no source any more', async () => {
    const root = checkout();
    source(root, 'old.ts', 'export const old = 1;\n');
    await panglot(root);
    expect(existsSync(join(root, 'dist', 'old.js'))).toBe(true);
    rmSync(join(root, 'src', 'old.ts'));
    expect(await panglot(root)).toEqual(said('one'));
    expect(readdirSync(join(root, 'dist')).sort()).toEqual(['.sources', 'cli.js', 'cli.js.map', 'word.js', 'word.js.map']);
  });

  it('may be started many times at once on sources that are not compiled', async () => {
    const root = checkout();
    const all = await Promise.all([1, 2, 3, 4].map(() => panglot(root)));
    expect(all).toEqual(Array(4).fill(said('one')));
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  });

  it('refuses sources that do not compile, says why, and leaves what was compiled', async () => {
    const root = checkout();
    await panglot(root);
    source(root, 'word.ts', 'export const word: string = 1;\n');
    const refused = await panglot(root);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^src\/ does not compile:\nsrc\/word\.ts\(1,14\): error TS2322/);
    expect(readFileSync(join(root, 'dist', 'word.js'), 'utf8')).toContain("'one'");
  });

  it('needs no compiler for what was compiled elsewhere', async () => {
    const root = checkout();
    await panglot(root);
    rmSync(join(root, 'node_modules'));
    expect(await panglot(root)).toEqual(said('one'));
    rmSync(join(root, 'src'), { recursive: true });
    expect(await panglot(root)).toEqual(said('one'));
  });

  it('says what to do when there is nothing compiled and no compiler', async () => {
    const { code, stderr } = await panglot(checkout({ compiler: false }));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Panglot is not compiled yet, and TypeScript is not installed: run "npm ci" (without --omit=dev), then "npm run build".\n',
    );
  });

  it('says so when its Node is too old', async () => {
    const root = checkout();
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    writeFileSync(join(root, 'package.json'), manifest.replace('>=20.19', '>=99.1'));
    const { code, stderr } = await panglot(root);
    expect(code).toBe(1);
    expect(stderr).toBe(`Panglot needs Node 99.1 or newer; this is Node ${process.versions.node}.\n`);
  });
});
