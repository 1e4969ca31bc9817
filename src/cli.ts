// The `panglot` command. What each subcommand does is in src/cli/.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { configCommand } from './cli/config.js';
import { importRetailCommand } from './cli/import-retail.js';
import { startCommand } from './cli/start.js';

const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('panglot').description(description).version(version);
program.addCommand(startCommand(version), { isDefault: true });
program.addCommand(new Command('import').description('send data from elsewhere through the API').addCommand(importRetailCommand()));
program.addCommand(configCommand());

await program.parseAsync();
