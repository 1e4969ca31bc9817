// `panglot config`: every setting with its value and where that came from.

import { Command } from 'commander';
import { describeConfig, SettingsRefused } from '../config.js';

export function configCommand(): Command {
  return new Command('config')
    .description('print every setting: its value, where it came from, what it means')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => {
      try {
        const settings = describeConfig(process.env);
        if (json === true) return void process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
        const width = Math.max(...settings.map(({ name }) => name.length));
        for (const { name, value, source, text } of settings)
          process.stdout.write(`${name.padEnd(width)}  ${value}  (${source})\n${' '.repeat(width)}  ${text}\n`);
      } catch (error) {
        if (!(error instanceof SettingsRefused)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}
