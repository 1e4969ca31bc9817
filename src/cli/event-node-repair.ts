// `panglot event-node repair`: says where a log is damaged and what a cut there would lose; cuts only when it is told to.

import { Command } from 'commander';
import type { Damage } from '../adapters/embedded/event-node/repair.js';
import { InfrastructureError } from '../domain/log/errors.js';

const NAMED_STREAMS = 20;

function describe({ what, position, events, streams, bytes, behind }: Damage): string {
  const named = [...streams].slice(0, NAMED_STREAMS).map((stream) => `  ${stream}`);
  const more = streams.size > NAMED_STREAMS ? [`  and ${streams.size - NAMED_STREAMS} more`] : [];
  return [
    what,
    `Up to position ${position} the log is whole. Behind it stand ${bytes} bytes and ${behind.length} further segments, in which ${events} events of ${streams.size} streams can still be read:`,
    ...named,
    ...more,
    '',
  ].join('\n');
}

async function repair({ data, cut }: { readonly data: string; readonly cut: boolean }): Promise<void> {
  const { cutDamage, findDamage } = await import('../adapters/embedded/event-node/repair.js');
  try {
    const damage = await findDamage(data);
    if (damage === undefined) {
      process.stdout.write('The log is whole: there is nothing to repair.\n');
      return;
    }
    process.stdout.write(describe(damage));
    if (!cut) {
      process.stdout.write(
        'Nothing has been changed. Restore the folder from a backup if there is one; with --cut all of this is lost to the log.\n',
      );
      process.exitCode = 1;
      return;
    }
    const aside = await cutDamage(data, damage);
    process.stdout.write(`The log now ends at position ${damage.position}. What stood behind it is in ${aside}.\n`);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    process.stderr.write(`The log was not repaired: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** The command `repair`, to be put under `event-node`. */
export function repairCommand(): Command {
  return new Command('repair')
    .description('say where a log is damaged and what would be lost by a cut there; it changes nothing without --cut')
    .requiredOption('--data <folder>', 'the folder of a node that does not run')
    .option('--cut', 'end the log where the damage begins; what is cut is kept in a folder beside it', false)
    .action(repair);
}
