// `panglot import retail`: the command's options, its progress and its end. What it does is in retail/.

import { Command, InvalidArgumentError } from 'commander';
import { progressOn } from './client/progress.js';
import { interruptible } from './interruption.js';
import { lasting, patienceOption, urlOption, wholeNumber } from './options.js';
import type { StockChoice } from './retail/opening-stock.js';
import { reportText } from './retail/report-text.js';
import { type RetailImportOptions, runRetailImport } from './retail/run.js';

function stockOf(text: string): StockChoice {
  if (text === 'exact' || text === 'none') return text;
  const factor = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || factor <= 0 || factor > 1_000)
    throw new InvalidArgumentError('It should be exact, none, or a factor above 0 and up to 1000, such as 0.9.');
  return factor;
}

interface Flags extends Omit<RetailImportOptions, 'file' | 'signal'> {
  readonly explain: boolean;
  readonly json: boolean;
}

/** Exit codes: 0 complete (or a dry run), 1 not complete or refused, 130 interrupted. */
async function importRetail(file: string, { explain, json, ...flags }: Flags): Promise<void> {
  const progress = progressOn(process.stderr);
  const signalled = { aborted: false };
  const report = await interruptible(async (signal) => {
    const done = await runRetailImport({ file, ...flags, signal }, progress);
    signalled.aborted = signal.aborted;
    return done;
  });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, { explain }));
  if (signalled.aborted) process.exitCode = 130;
  else if (!report.complete && !flags.dryRun) process.exitCode = 1;
}

const help = `
An invoice is an order as a whole or not at all; its number is the order's reference, so that running it again adds nothing. The report
accounts for every row of the file, and for the money to the penny. Ctrl-C ends it with the report so far.

--json gives {"file", "url", "openingStock", "outcomes": [{"outcome", "reason", "invoices", "rows", "units", "money"}], "orders", "money",
"sending", "settling", "seconds", "retries", "refusals", "leftOut", "stopped", "complete"}: money in minor units.

Examples:
  $ panglot demo --csv demo.csv --orders 1000                  a file to try it with
  $ panglot import retail demo.csv --dry-run --explain         what is in it, and what is not an order
  $ panglot import retail demo.csv --products                  send it all
  $ panglot import retail demo.csv --stock 0.9 --json          nine tenths of the stock that it needs, the report as JSON
`;

/** The command `retail`, to be put under `import`. */
export function importRetailCommand(): Command {
  return new Command('retail')
    .description('send the invoices of an "Online Retail" CSV file to a running platform, each once however often it is run')
    .argument('<file>', 'the file, .csv or .csv.gz')
    .addOption(urlOption())
    .option(
      '--stock <choice>',
      'opening stock, booked once a file: exact (what its orders need), none, or a factor of it',
      stockOf,
      'exact',
    )
    .option('--products', 'list each SKU as a product first, in place of what is listed', false)
    .option('--concurrency <n>', 'requests at a time', wholeNumber(1, 256), 16)
    .addOption(patienceOption('60s'))
    .addOption(lasting('--settle-timeout <duration>', 'how long to wait while no order settles', '2m'))
    .option('--dry-run', 'read and count, send nothing', false)
    .option('--explain', 'name every invoice that is not an order', false)
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', help)
    .action(importRetail);
}
