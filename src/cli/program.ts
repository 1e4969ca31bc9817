// All commands of `panglot`, put together: what there is to run, and what `--help` says of it.

import { Command } from 'commander';
import { configCommand } from './config.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { eventNodeCommand } from './event-node.js';
import { importRetailCommand } from './import-retail.js';
import { orderCommand } from './order.js';
import { startCommand } from './start.js';
import { stockCommand } from './stock.js';
import { streamCommand } from './stream.js';

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

/** Wrong usage is thrown, which commander leaves to whoever asks for it, command by command. */
function throwUsage(command: Command): void {
  command.exitOverride((error) => {
    throw error;
  });
  for (const below of command.commands) throwUsage(below);
}

/** The whole command. Parsing throws CommanderError where commander would end the process. */
export function panglotProgram(version: string, description: string): Command {
  const program = new Command('panglot')
    .description(description)
    .version(version)
    .enablePositionalOptions()
    .addHelpText('after', help);
  program.addCommand(startCommand(version), { isDefault: true });
  program.addCommand(demoCommand());
  program.addCommand(
    new Command('import').description('send data from elsewhere through the API').addCommand(importRetailCommand()),
  );
  for (const command of [
    orderCommand(),
    stockCommand(),
    streamCommand(),
    eventNodeCommand(version),
    configCommand(),
    doctorCommand(),
  ])
    program.addCommand(command);
  throwUsage(program);
  return program;
}
