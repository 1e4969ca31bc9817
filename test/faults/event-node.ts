// The long kill campaign against the event node, and its report.
//
//   npm run faults:event-node [-- --kills 500 --seed 1 --kills-a-log 10]

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileWhenStale } from '../../bin/compile.js';
import { killEventNodes, moments } from './event-node-kills.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    'kills-a-log': { type: 'string', default: '10' },
  },
});

compileWhenStale();
const report = await killEventNodes({
  kills: Number(values.kills),
  seed: Number(values.seed),
  killsALog: Number(values['kills-a-log']),
  progress: (line) => console.log(line),
});
const { kills, acknowledged, lost, gaps, halfBatches, disorder, moved, tornTails, starts, refused, scavenges, seconds } = report;
const total = moments.reduce((sum, moment) => sum + kills[moment], 0);
const rows: readonly (readonly [string, number])[] = [
  ['kills (SIGKILL)', total],
  ...moments.map((moment) => [`- while ${moment}`, kills[moment]] as const),
  ['starts', starts],
  ['starts refused, nodes that went read-only, scavenges that failed', refused.length],
  ['appends acknowledged', acknowledged],
  ['acknowledged events lost', lost],
  ['gaps, or events that are not what was written', gaps],
  ['half batches', halfBatches],
  ['positions that do not grow', disorder],
  ['acknowledged positions that changed', moved],
  ['torn tails and unfinished segments, cut and said', tornTails],
  ['scavenges that ran to their end', scavenges],
];
const text = `# Killing the event node

\`npm run faults:event-node -- --kills ${values.kills} --seed ${values.seed} --kills-a-log ${values['kills-a-log']}\`: a compiled node on a folder, sixteen writers with the official client, each
appending one to five events at the exact revision, four of the streams with a \`$maxCount\`; then SIGKILL at a random moment, start again, and compare the whole log with what was
acknowledged. Segments are of 20 to 220 KB, so that a new one is begun, and the index file of the last one written, many times a second; a part of the starts reads everything, a part relies on
index files. ${values['kills-a-log']} kills a log, then a new one.

| | |
|---|---|
${rows.map(([what, count]) => `| ${what} | ${count.toLocaleString('en')} |`).join('\n')}

It took ${(seconds / 60).toFixed(0)} minutes. A kill leaves what the process had given to the operating system, so this shows nothing about a machine that loses power; for that there is the
fdatasync before every answer, and the tests that fail it.
${refused.length === 0 ? '' : `\n${refused.map((line) => `- ${line}`).join('\n')}\n`}`;
const folder = fileURLToPath(new URL('../../docs/campaigns/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}event-node-kills.md`, text);
console.log(text);
process.exitCode = lost + gaps + halfBatches + disorder + moved + refused.length === 0 ? 0 : 1;
