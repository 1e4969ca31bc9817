// `panglot stock show`: what is on the shelves, from the read model of a running platform.

import { Command } from 'commander';
import { z } from 'zod';
import { refusalIn } from './client/answers.js';
import { askOnce } from './client/ask-once.js';
import type { Platform, Question } from './client/platform.js';
import { CommandFailed } from './failed.js';
import { urlOption, wholeNumber } from './options.js';
import { table, whole } from './text.js';

const held = { onHand: z.int(), reserved: z.int(), available: z.int() };
const stock = z.looseObject({
  sku: z.string(),
  description: z.string().nullable(),
  ...held,
  level: z.string(),
  warehouses: z.array(z.looseObject({ warehouse: z.string(), ...held })),
});
type Stock = z.infer<typeof stock>;
const page = z.object({ data: z.array(stock), page: z.object({ next: z.string().nullable() }) });

const pageLength = 100;

async function get<Shape>(platform: Platform, path: Question['path'], shape: z.ZodType<Shape>): Promise<Shape> {
  const answer = await platform.ask({ method: 'GET', path });
  if (answer.status >= 300) throw new CommandFailed(`The stock could not be read: ${refusalIn(answer).detail}`);
  const body = shape.safeParse(answer.body);
  if (!body.success) throw new CommandFailed('The stock was answered in another shape than this version knows.');
  return body.data;
}

async function list(platform: Platform, limit: number): Promise<readonly Stock[]> {
  const all: Stock[] = [];
  for (let cursor: string | null = ''; cursor !== null && all.length < limit; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const length = Math.min(pageLength, limit - all.length);
    const got: z.infer<typeof page> = await get(platform, `/stock?limit=${length}${after}`, page);
    all.push(...got.data);
    cursor = got.page.next;
  }
  return all;
}

const counts = ({ onHand, reserved, available }: Pick<Stock, 'onHand' | 'reserved' | 'available'>) =>
  [onHand, reserved, available].map(whole);

function stockText(all: readonly Stock[], one: boolean): string {
  const rows = all.flatMap((row) => {
    const total = [row.sku, ...counts(row), row.level, row.description ?? ''];
    return one ? [total, ...row.warehouses.map((each) => [`  ${each.warehouse}`, ...counts(each)])] : [total];
  });
  // The description stands last and is not aligned: it may be long.
  const lines = table([['', 'on hand', 'reserved', 'available', 'level'], ...rows.map((cells) => cells.slice(0, 5))]);
  return lines.map((line, index) => `${line}  ${rows[index - 1]?.[5] ?? ''}`.trimEnd()).join('\n');
}

interface Flags {
  readonly url: string;
  readonly limit: number;
  readonly json: boolean;
}

async function showStock(sku: string | undefined, { url, limit, json }: Flags): Promise<void> {
  await askOnce(url, async (platform) => {
    if (sku !== undefined) {
      const path = `/stock/${encodeURIComponent(sku)}`;
      const answer = await platform.ask({ method: 'GET', path });
      if (answer.status === 404) throw new CommandFailed(`Nothing is known of the stock of ${sku}.`);
      const one = await get(platform, path, stock);
      process.stdout.write(json ? `${JSON.stringify(one, null, 2)}\n` : `${stockText([one], true)}\n`);
      return;
    }
    const all = await list(platform, limit);
    if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    else if (all.length === 0) process.stdout.write('Nothing was ever on a shelf.\n');
    else process.stdout.write(`${stockText(all, false)}\n`);
    if (all.length === limit) process.stderr.write(`The first ${limit} by SKU; --limit shows more.\n`);
  });
}

const help = `
Reserved units are promised to orders; available is what is left for the next one.

Examples:
  $ panglot stock show                     the first 50 SKUs
  $ panglot stock show D1389               one SKU, warehouse by warehouse
  $ panglot stock show --limit 1000 --json | jq '.[] | select(.available < 10) | .sku'
  $ panglot stream read stock-D1389        every movement of it
`;

/** The command `stock`. */
export function stockCommand(): Command {
  const show = new Command('show')
    .description('what is on the shelves, and what of it is promised')
    .argument('[sku]', 'one SKU')
    .addOption(urlOption())
    .option('--limit <n>', 'how many SKUs', wholeNumber(1, 100_000), 50)
    .option('--json', 'as JSON, in the shape of the API', false)
    .addHelpText('after', help)
    .action(showStock);
  return new Command('stock').description('look at stock').addCommand(show);
}
