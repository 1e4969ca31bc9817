#!/usr/bin/env node
// The `panglot` command: checks the Node version, compiles when it must, and hands over to dist/cli.js. Plain JavaScript, so that it
// runs before anything is built.

import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace('>=', '').split('.').map(Number);
const actual = process.versions.node.split('.').map(Number);
const tooOld = actual[0] < wanted[0] || (actual[0] === wanted[0] && actual[1] < wanted[1]);

if (tooOld) {
  process.stderr.write(`Panglot needs Node ${wanted.join('.')} or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  const { compileWhenStale } = await import('./compile.js');
  let compiled = true;
  try {
    compileWhenStale();
  } catch (error) {
    compiled = false;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
  if (compiled) await import('../dist/cli.js');
}
