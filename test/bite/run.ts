// Shows that the tests bite: plants each defect in a copy of the project and expects its test to fail there, and to pass without it.
//
//   npm run test:bite [-- words of a promise]

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Defect, defects } from './defects.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = [
  'src',
  'test',
  'bin',
  'scripts',
  'docs',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vitest.config.ts',
  'biome.json',
  'README.md',
];

const wanted = process.argv.slice(2).join(' ').toLowerCase();
const chosen = defects.filter(({ promise }) => promise.toLowerCase().includes(wanted));

function plant(folder: string, { file, find, replace }: Defect): () => void {
  const path = join(folder, file);
  const sound = readFileSync(path, 'utf8');
  const occurrences = sound.split(find).length - 1;
  if (occurrences !== 1) throw new Error(`${file} holds ${occurrences} times what is to be changed: ${find}`);
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  return () => writeFileSync(path, sound);
}

/** Runs one test; true if it passed, and an error if none of that name ran. */
function passes(folder: string, { test, name }: Defect): boolean {
  const report = join(folder, 'report.json');
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', test, '-t', pattern, '--reporter=json', `--outputFile=${report}`],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  if (passed + failed === 0) throw new Error(`No test of ${test} is called "${name}".`);
  return failed === 0;
}

const folder = mkdtempSync(join(tmpdir(), 'panglot-bite-'));
const unnoticed: string[] = [];
try {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const defect of chosen) {
    const sound = passes(folder, defect);
    const mend = plant(folder, defect);
    const bitten = !passes(folder, defect);
    mend();
    const verdict = !sound ? 'FAILS WITHOUT THE DEFECT' : bitten ? 'noticed' : 'NOT NOTICED';
    if (verdict !== 'noticed') unnoticed.push(defect.promise);
    console.log(`${verdict.padEnd(12)} ${defect.promise}: ${defect.test}, "${defect.name}"`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${chosen.length - unnoticed.length} of ${chosen.length} planted defects were noticed.`);
if (unnoticed.length > 0) process.exitCode = 1;
