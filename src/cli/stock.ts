// `panglot stock show`: what is on the shelves, from the read models of a running platform. What it reads and writes is in stock/.

import { Command } from 'commander';
import { askOnce } from './client/ask-once.js';
import { urlOption, wholeNumber } from './options.js';
import { readAllStock, readMovements, readStock } from './stock/read.js';
import { movementsText, stockText } from './stock/text.js';

/** How many movements of a SKU are shown. */
const latest = 10;

interface Flags {
  readonly url: string;
  readonly limit: number;
  readonly json: boolean;
}

async function showStock(sku: string | undefined, { url, limit, json }: Flags): Promise<void> {
  await askOnce(url, async (platform) => {
    if (sku !== undefined) {
      const one = await readStock(platform, sku);
      if (json) return void process.stdout.write(`${JSON.stringify(one, null, 2)}\n`);
      const movements = await readMovements(platform, one.sku, latest);
      const account = movements.length === 0 ? '' : `\n${movementsText(movements)}`;
      return void process.stdout.write(`${stockText([one], { byWarehouse: true })}${account}`);
    }
    const all = await readAllStock(platform, limit);
    if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    else process.stdout.write(all.length === 0 ? 'Nothing was ever on a shelf.\n' : stockText(all, { byWarehouse: false }));
    if (all.length === limit) process.stderr.write(`The first ${limit} by SKU; --limit shows more.\n`);
  });
}

const help = `
Reserved units are promised to orders; available is what is left for the next one. --json gives a list of
what GET /stock/{sku} answers, or with a SKU that answer alone.

Examples:
  $ panglot stock show                     the first 50 SKUs
  $ panglot stock show D1389               one SKU, warehouse by warehouse, and its last ten movements
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
