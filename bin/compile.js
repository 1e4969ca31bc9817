// Compiles src/ into dist/ when dist/ was not built from exactly these sources. What `npm start`, the tests and `npm run build` share.
// Several processes may do this at once: each compiles into a folder of its own and moves the files in one by one, so that a reader
// always finds a whole file under every name.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const stampName = '.sources';

/** Every file below a folder, as sorted paths relative to it. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Contents, not times: a checkout, a copy or an image layer changes times and nothing else. */
function stampOf(root) {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  for (const path of ['tsconfig.json', 'tsconfig.build.json']) add(path);
  for (const path of filesBelow(join(root, 'src'))) add(join('src', path));
  return hash.digest('hex');
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function compilerOf(root) {
  try {
    return join(dirname(createRequire(join(root, 'package.json')).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/** Folders of compilations that were killed. A minute is far more than one takes. */
function removeAbandoned(root) {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (/^dist\.\d+$/.test(name) && Date.now() - touched > 60_000) rmSync(path, { recursive: true, force: true });
  }
}

/** What is served as it is (styles, pictures, scripts for browsers) goes where the module that reads it goes. */
function copyStatic(root, fresh) {
  const src = join(root, 'src');
  for (const path of filesBelow(src)) if (!path.endsWith('.ts')) cpSync(join(src, path), join(fresh, path));
}

/** Puts `fresh` in the place of `dist`, file by file; what is no longer built goes last. */
function moveInto(dist, fresh) {
  const built = new Set(filesBelow(fresh));
  for (const path of built) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    renameSync(join(fresh, path), join(dist, path));
  }
  for (const path of filesBelow(dist)) if (!built.has(path) && path !== stampName) rmSync(join(dist, path), { force: true });
}

/**
 * Makes dist/ what src/ compiles to, and returns whether anything had to be done.
 * `typeErrors`: 'refuse' (the default) leaves dist/ alone when the types are wrong; 'print' writes them to stderr and goes on.
 * @throws Error with a sentence for the operator.
 */
export function compileWhenStale({ root = packageRoot, typeErrors = 'refuse' } = {}) {
  const dist = join(root, 'dist');
  const stamp = readIfThere(join(dist, stampName));
  if (!existsSync(join(root, 'src'))) {
    if (existsSync(dist)) return false;
    throw new Error(`There is neither src/ nor dist/ in ${root}: this copy of Panglot is incomplete.`);
  }
  const wanted = stampOf(root);
  if (stamp === wanted) return false;

  const compiler = compilerOf(root);
  if (compiler === undefined) {
    if (existsSync(dist) && stamp === undefined) return false;
    throw new Error(
      `${stamp === undefined ? 'Panglot is not compiled yet' : 'src/ has changed since dist/ was compiled'}, and TypeScript is not installed: run "npm ci" (without --omit=dev), then "npm run build".`,
    );
  }

  removeAbandoned(root);
  const fresh = join(root, `dist.${process.pid}`);
  try {
    const tsc = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh, '--pretty', 'false'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (tsc.error) throw new Error(`The TypeScript compiler could not be run: ${tsc.error.message}.`);
    const wrong = tsc.status !== 0;
    if (wrong && (typeErrors === 'refuse' || !existsSync(fresh)))
      throw new Error(`src/ does not compile:\n${tsc.stdout}${tsc.stderr}`.trimEnd());
    if (wrong) process.stderr.write(tsc.stdout);
    copyStatic(root, fresh);
    rmSync(join(dist, stampName), { force: true });
    moveInto(dist, fresh);
    if (!wrong) writeFileSync(join(dist, stampName), wanted);
    return true;
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM')
      throw new Error(
        `src/ has to be compiled, but ${root} cannot be written to (${error.code}): run "npm run build" as its owner.`,
      );
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    compileWhenStale();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
