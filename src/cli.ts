// The `panglot` command. What each subcommand does is in src/cli/.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { configCommand } from './cli/config.js';
import { demoCommand } from './cli/demo.js';
import { doctorCommand } from './cli/doctor.js';
import { sentenceOf } from './cli/failed.js';
import { importRetailCommand } from './cli/import-retail.js';
import { orderCommand } from './cli/order.js';
import { startCommand } from './cli/start.js';
import { stockCommand } from './cli/stock.js';
import { streamCommand } from './cli/stream.js';

// Whoever read the output has gone (`panglot config | head`): that is no reason to fail, nor to stop a platform.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const help = `
From nothing to a running shop, in two terminals:
  $ npm start                     the platform with everything that it needs
  $ npm run demo                  lifelike orders, through its API

Then look around ("npm run panglot -- <command>", and "--help" after any command):
  $ panglot order show demo-1-1   the story of an order: each event, what caused it, how long it took
  $ panglot stock show            what is left on the shelves
  $ panglot doctor                whether everything is as it should be, and what to do if not

Exit codes: 0 done, 1 not done (a sentence on stderr says why), 2 wrong usage, 130 interrupted.
`;

const program = new Command('panglot').description(description).version(version).addHelpText('after', help);
program.addCommand(startCommand(version), { isDefault: true });
program.addCommand(demoCommand());
program.addCommand(new Command('import').description('send data from elsewhere through the API').addCommand(importRetailCommand()));
for (const command of [orderCommand(), stockCommand(), streamCommand(), configCommand(), doctorCommand()])
  program.addCommand(command);

/** Wrong usage ends with 2, which commander leaves to whoever asks for it, command by command. */
function exitWithUsage(command: Command): void {
  command.exitOverride((error) => {
    throw error;
  });
  for (const below of command.commands) exitWithUsage(below);
}
exitWithUsage(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has written what there is to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  }
}
