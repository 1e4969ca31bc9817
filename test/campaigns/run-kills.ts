// The kill campaign at any length, with its report.
//
//   npm run campaign:kills [-- --kills 100 --seed 1 --report docs/campaigns/kills.md]

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { compileWhenStale } from '../../bin/compile.js';
import { killCampaign } from './kill-campaign.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

compileWhenStale({ typeErrors: 'print' });
const figures = await killCampaign({ kills, seed }, (line) => console.log(line));
const rows: readonly (readonly [what: string, figure: number])[] = [
  ['kills of everything at once', figures.kills],
  ['orders asked for, each until it was answered', figures.asked],
  ['acknowledged', figures.acknowledged],
  ['acknowledged and lost', figures.lost],
  ['two orders for one request', figures.doubled],
  ['orders that did not settle', figures.unsettled],
  ['confirmed', figures.confirmed],
  ['cancelled', figures.cancelled],
  ['orders with two charges', figures.doubleCharges],
  ['orders whose money is not what their status says', figures.wrongMoney],
  ['units reserved beyond what is on hand', figures.oversold],
  ['units reserved beyond, or short of, what the confirmed orders hold', figures.misreserved],
  ['seconds in all', figures.seconds],
];
const table = `| | |\n|---|---|\n${rows.map(([what, figure]) => `| ${what} | ${figure} |`).join('\n')}\n`;
console.log(`\n${table}`);

if (values.report !== undefined) {
  const text = `# The whole platform, killed again and again

\`npm run campaign:kills -- --kills ${kills} --seed ${seed}\` starts a platform with everything embedded and lets eight clients place orders: most are paid for, some declined, some lose the
gateway's reply, fail at the capture, are slow, meet an outage or want scarce stock; some are cancelled by their customer at whatever moment. Then it kills every process of it at once (SIGKILL: the platform, the event node, the payment
simulator, PostgreSQL) and starts it again. Clients ask again under the same idempotency key until they are answered. In the end every order, the gateway's own ledger and the stock are held against each other.
A run of five kills is part of the tests.

Node ${process.versions.node}, ${cpus().length} cores.

${table}`;
  writeFileSync(values.report, text);
}
const wrong =
  figures.lost +
  figures.doubled +
  figures.unsettled +
  figures.doubleCharges +
  figures.wrongMoney +
  figures.oversold +
  figures.misreserved;
if (wrong > 0 || figures.acknowledged !== figures.asked) process.exitCode = 1;
