// The `panglot` command as a process: its arguments, its exit codes. What there is to run is in src/cli/program.ts.

import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { sentenceOf } from './cli/failed.js';
import { panglotProgram } from './cli/program.js';

// Whoever read the output has gone (`panglot config | head`): that is no reason to fail, nor to stop a platform.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

try {
  await panglotProgram(version, description).parseAsync();
} catch (error) {
  // Commander has written what there is to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  }
}
