// `panglot config`: every setting with its value and where that came from.

import { Command } from 'commander';
import { describeConfig } from '../config.js';

export function configCommand(): Command {
  return new Command('config')
    .description('print every setting: its value, where it came from, what it means')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Settings are environment variables; a secret may come from a file that NAME_FILE names. What is wrong is refused with a sentence.
--json gives [{"name", "value", "source", "text"}].

Examples:
  $ panglot config                               every setting with its value and where that came from
  $ PORT=9000 panglot config --json | jq '.[] | select(.source != "default")'
`,
    )
    .action(({ json }: { json?: true }) => {
      const settings = describeConfig(process.env);
      if (json === true) return void process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
      const width = Math.max(...settings.map(({ name }) => name.length));
      for (const { name, value, source, text } of settings)
        process.stdout.write(`${name.padEnd(width)}  ${value}  (${source})\n${' '.repeat(width)}  ${text}\n`);
    });
}
