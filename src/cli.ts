// The `panglot` command. What each subcommand does is in src/cli/.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { configCommand } from './cli/config.js';
import { eventNodeCommand } from './cli/event-node.js';
import { importRetailCommand } from './cli/import-retail.js';
import { startCommand } from './cli/start.js';

// Whoever read the output has gone (`panglot config | head`): that is no reason to fail, nor to stop a platform.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('panglot').description(description).version(version).enablePositionalOptions();
program.addCommand(startCommand(version), { isDefault: true });
program.addCommand(new Command('import').description('send data from elsewhere through the API').addCommand(importRetailCommand()));
program.addCommand(eventNodeCommand());
program.addCommand(configCommand());

await program.parseAsync();
