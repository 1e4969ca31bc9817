// `panglot stream read`: the events of one stream. What it reads and tells is in stream/.

import { Command } from 'commander';
import { wholeNumber } from './options.js';
import type { Flags } from './stream/read.js';

async function read(stream: string, flags: Flags): Promise<void> {
  // The client of the event store is large: a command that asks nothing of it does without.
  const { readStream } = await import('./stream/read.js');
  await readStream(stream, flags);
}

const help = `
Reads the event store itself: the one of EVENTSTORE_URL, else the event node of the platform that runs on this machine with the same
DATA_DIR. Streams are order-{id}, payment-{id}, reservation-{order id}, stock-{sku}, product-{sku}, warehouse-{id} and panglot-log.

Examples:
  $ panglot stream read stock-D1389                          the first 100 events
  $ panglot stream read stock-D1389 --from 100 --limit 50    the next ones
  $ panglot stream read stock-D1389 --backwards --limit 1    the last one
  $ panglot stream read panglot-log --json                   an event a line, in the shape of the API
`;

/** The command `stream`. */
export function streamCommand(): Command {
  const reading = new Command('read')
    .description('the events of a stream, from the event store itself')
    .argument('<stream>', 'its name')
    .option('--from <revision>', 'where to begin, that event included', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--limit <n>', 'how many events', wholeNumber(1, 1_000_000_000), 100)
    .option('--backwards', 'the newest first', false)
    .option('--json', 'each event as JSON, one a line', false)
    .addHelpText('after', help)
    .action(read);
  return new Command('stream').description('look at the log').addCommand(reading);
}
