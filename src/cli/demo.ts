// `panglot demo`: the command's options, its progress and its end. What it does is in demo/.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import { progressOn } from './client/progress.js';
import { retailCsv } from './demo/csv.js';
import { demoOrders } from './demo/orders.js';
import { type DemoOptions, runDemo } from './demo/run.js';
import { summaryText } from './demo/summary-text.js';
import { CommandFailed } from './failed.js';
import { interruptible } from './interruption.js';
import { lasting, patienceOption, urlOption, wholeNumber } from './options.js';

function rateOf(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0 || rate > 10_000)
    throw new InvalidArgumentError('It should be a number of orders a second, above 0 and up to 10000.');
  return rate;
}

interface Flags extends Omit<DemoOptions, 'signal'> {
  readonly csv?: string;
  readonly json: boolean;
}

async function writeCsv(file: string, seed: number, count: number): Promise<void> {
  const rows = Readable.from(retailCsv(seed, demoOrders(seed, 1, count)));
  try {
    if (file.endsWith('.gz')) await pipeline(rows, createGzip(), createWriteStream(file));
    else await pipeline(rows, createWriteStream(file));
  } catch (error) {
    throw new CommandFailed(`${file} could not be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Exit codes: 0 complete (or a file written), 1 not complete, 130 interrupted. */
async function demo({ csv, json, ...options }: Flags): Promise<void> {
  if (csv !== undefined) {
    await writeCsv(csv, options.seed, options.orders);
    process.stderr.write(
      `${options.orders} orders are in ${csv}. Send them with: npm run panglot -- import retail ${csv} --products\n`,
    );
    return;
  }
  await interruptible(async (signal) => {
    const summary = await runDemo({ ...options, signal }, progressOn(process.stderr));
    process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${summaryText(summary)}`);
    if (signal.aborted) process.exitCode = 130;
    else if (!summary.complete) process.exitCode = 1;
  });
}

const help = `
About 90% of the orders settle, 4% are declined, 2% are short of stock, 2% are cancelled by the customer (half of them at once, half after
they were paid), 1% fail at capture and 1% are slow. They are shaped like the sales of a real wholesaler: how many lines, how many units,
which prices, how hot the hottest product is, how faithful the best customers are. Failing and slow payments are the payment simulator's
own methods (pm_sim_...): a real Stripe refuses them, and those orders end declined.

The same seed gives the same orders, under the references demo-{seed}-{n}: running it again adds nothing, running it with more --orders
adds the rest, and Ctrl-C ends it with a summary.

--json gives {"seed", "url", "orders": {"asked", "sent", "alreadyThere", "settled"}, "outcomes": [{"outcome", "orders", "total", "example"}],
"shop", "money": {"currency", "captured", "refunded", "kept"}, "settledIn": {"median", "slowest"}, "ordersPerSecond", "seconds", "retries",
"refusals", "methodsUnknown", "stopped", "complete"}: money in minor units, settledIn in milliseconds.

Examples:
  $ panglot demo                                 500 orders, 5 a second
  $ panglot demo --rate 50 --orders 5000         a busy day
  $ panglot demo --seed 2 --json                 other orders, the summary as JSON
  $ panglot demo --csv demo.csv --orders 1000    write a file that "panglot import retail" reads, send nothing
`;

/** The command `demo`. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('lifelike orders through the API of a running platform: products, warehouses and stock first, then a trickle')
    .addOption(urlOption())
    .option('--seed <n>', 'which orders', wholeNumber(0, 999_999), 1)
    .option('--rate <n>', 'orders a second', rateOf, 5)
    .option('--orders <n>', 'how many', wholeNumber(1, 999_999), 500)
    .option('--csv <file>', 'write the orders to a file in the retail format (.csv or .csv.gz) and send nothing')
    .addOption(patienceOption('60s'))
    .addOption(lasting('--settle-timeout <duration>', 'how long to wait while no order settles', '2m'))
    .option('--json', 'the summary as JSON', false)
    .addHelpText('after', help)
    .action(demo);
}
