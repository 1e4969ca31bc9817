// `panglot import retail`: the command's options, its progress and its end. What it does is in retail/.

import { Command, InvalidArgumentError, Option } from 'commander';
import { duration, durationForm } from '../config-values.js';
import { FileRefused } from './retail/file-refused.js';
import type { StockChoice } from './retail/opening-stock.js';
import { barProgress, plainProgress } from './retail/progress.js';
import { reportText } from './retail/report-text.js';
import { type RetailImportOptions, runRetailImport } from './retail/run.js';

const mostConcurrent = 256;

function concurrencyOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > mostConcurrent)
    throw new InvalidArgumentError(`It should be a whole number from 1 to ${mostConcurrent}.`);
  return value;
}

function durationOf(text: string): number {
  const value = duration().safeParse(text);
  if (!value.success) throw new InvalidArgumentError(`It should be ${durationForm}.`);
  return value.data;
}

function stockOf(text: string): StockChoice {
  if (text === 'exact' || text === 'none') return text;
  const factor = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || factor <= 0 || factor > 1_000)
    throw new InvalidArgumentError('It should be exact, none, or a factor above 0 and up to 1000, such as 0.9.');
  return factor;
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || !['http:', 'https:'].includes(new URL(text).protocol))
    throw new InvalidArgumentError('It should be an http or https address.');
  return text.replace(/\/+$/, '');
}

interface Flags extends Omit<RetailImportOptions, 'file' | 'signal'> {
  readonly explain: boolean;
  readonly json: boolean;
}

/** Exit codes: 0 complete (or a dry run), 1 not complete or refused, 130 interrupted. */
async function importRetail(file: string, { explain, json, ...flags }: Flags): Promise<void> {
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process without a report.
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = process.stderr.isTTY ? barProgress(process.stderr) : plainProgress((line) => process.stderr.write(line));
  try {
    const report = await runRetailImport({ file, ...flags, signal: interruption.signal }, progress);
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, { explain }));
    if (interruption.signal.aborted) process.exitCode = 130;
    else if (!report.complete && !flags.dryRun) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

const waiting = (flags: string, text: string, length: string) =>
  new Option(flags, text).argParser(durationOf).default(durationOf(length), length);

/** The command `retail`, to be put under `import`. */
export function importRetailCommand(): Command {
  return new Command('retail')
    .description('send the invoices of an "Online Retail" CSV file to a running platform, each once however often it is run')
    .argument('<file>', 'the file, .csv or .csv.gz')
    .option('--url <url>', 'where the platform is', urlOf, 'http://localhost:8080')
    .option(
      '--stock <choice>',
      'opening stock, booked once a file: exact (what its orders need), none, or a factor of it',
      stockOf,
      'exact',
    )
    .option('--products', 'list each SKU as a product first, in place of what is listed', false)
    .option('--concurrency <n>', 'requests at a time', concurrencyOf, 16)
    .addOption(waiting('--patience <duration>', 'how long to keep asking while the platform is away', '60s'))
    .addOption(waiting('--settle-timeout <duration>', 'how long to wait while no order settles', '2m'))
    .option('--dry-run', 'read and count, send nothing', false)
    .option('--explain', 'name every invoice that is not an order', false)
    .option('--json', 'the report as JSON', false)
    .action(importRetail);
}
