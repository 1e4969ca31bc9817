// docs/guarantees.md promises that each promise has a test; this is the test of that.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defects } from '../bite/defects.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/guarantees.md'), 'utf8');

interface Row {
  readonly promise: string;
  readonly test: string;
  readonly name: string;
  readonly bitten: boolean;
}

/** Rows `| promise | what gives it | \`test file\`: name of the test | planted defect: yes or nothing |`. */
const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const match = /^\| (.+?) \| .+? \| `(test\/[^`]+)`: (.+?) \| (yes)? ?\|$/.exec(line);
  return match === null
    ? []
    : [{ promise: match[1] ?? '', test: match[2] ?? '', name: match[3] ?? '', bitten: match[4] === 'yes' }];
});

describe('docs/guarantees.md', () => {
  it('has rows', () => expect(rows.length).toBeGreaterThan(10));
  it('has no row that is not understood', () =>
    expect(page.split('\n').filter((line) => line.includes('`test/')).length).toBe(rows.length));
  it.each(rows)('names a test that exists: $promise', ({ test, name }) => {
    expect(existsSync(join(root, test))).toBe(true);
    expect(readFileSync(join(root, test), 'utf8')).toContain(name);
  });
  it.each(rows.filter(({ bitten }) => bitten))('names a planted defect that exists: $promise', ({ promise }) =>
    expect(defects.map((defect) => defect.promise)).toContain(promise),
  );
  it.each(defects)('lists the planted defect: $promise', ({ promise }) =>
    expect(rows.filter((row) => row.bitten).map((row) => row.promise)).toContain(promise),
  );
});
