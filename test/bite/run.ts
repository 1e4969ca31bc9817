// Shows that the tests bite: plants each defect in a copy of the project and expects its test to fail there, and to pass without it.
//
//   npm run test:bite [-- words of a promise]

import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Defect, defects } from './defects.js';
import { plant } from './plant.js';
import { TestBench } from './test-bench.js';

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

/** Whether its test fails with the defect, in words. */
async function verdictOn(defect: Defect, bench: TestBench, folder: string): Promise<string> {
  const mend = plant(folder, defect);
  try {
    const { passed, failed } = await bench.run([defect]);
    if (failed.length > 0) return 'noticed';
    return passed.length > 0 ? 'NOT NOTICED' : 'DID NOT RUN';
  } finally {
    mend();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'panglot-bite-'));
let noticed = 0;
try {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  process.chdir(folder);
  const bench = await TestBench.open(folder);
  try {
    const sound = await bench.run(chosen);
    if (sound.failed.length > 0) throw new Error(`These fail without a defect:\n${sound.failed.join('\n')}`);
    for (const { test, name } of chosen)
      if (!sound.passed.some((passed) => passed.startsWith(test) && passed.includes(name)))
        throw new Error(`No test of ${test} is called "${name}".`);
    console.log(`Without a defect the ${sound.passed.length} tests that are to notice one pass.`);
    for (const defect of chosen) {
      const verdict = await verdictOn(defect, bench, folder);
      if (verdict === 'noticed') noticed += 1;
      console.log(`${verdict.padEnd(12)} ${defect.promise}: ${defect.test}, "${defect.name}"`);
    }
  } finally {
    await bench.close();
  }
} finally {
  process.chdir(root);
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${noticed} of ${chosen.length} planted defects were noticed.`);
process.exitCode = noticed === chosen.length ? 0 : 1;
