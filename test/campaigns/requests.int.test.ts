// A short run of the request campaign; npm run campaign:requests is the long one, and writes its report.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { expect, it } from 'vitest';
import { described } from '../support/described.js';
import { type CampaignFigures, requestCampaign } from './requests/campaign.js';

const requests = Number(process.env.CAMPAIGN_REQUESTS ?? 2_000);
const seed = Number(process.env.CAMPAIGN_SEED ?? 1);
const operations = Object.values(described.paths).flatMap((item) => Object.keys(item)).length;

function report(figures: CampaignFigures): string {
  const rows: readonly (readonly [what: string, figure: number])[] = [
    ['generated requests', figures.requests],
    ['operations, each of which was asked', figures.operations],
    ...[...figures.statuses].sort(([a], [b]) => a - b).map(([status, count]) => [`answered ${status}`, count] as const),
    ['server errors (5xx)', figures.serverErrors],
    ['answers that the OpenAPI document does not describe', figures.undescribed],
    ['4xx that are no problem, or do not name the place', figures.placeless],
    ['requests without an answer', figures.unanswered],
    ['seconds', figures.seconds],
  ];
  return `# Requests that nobody would send

\`npm run campaign:requests -- --requests ${requests} --seed ${seed}\` makes requests out of the OpenAPI document: valid ones, those on the bounds of what is allowed and just beyond them, and mutated ones (cut, encoded wrongly, deep,
wide, with members twice, with numbers that are none, with odd strings in any place), under headers that are odd, long, repeated and contradictory. Each is sent byte by byte to an API with its real
parts behind it. No answer may be a 5xx, each must be one that the document describes (status, headers, body), and each 4xx must be a problem that names the place. A run of 2,000 is part of the tests.

Node ${process.versions.node}, ${cpus().length} cores.

| | |
|---|---|
${rows.map(([what, figure]) => `| ${what} | ${figure} |`).join('\n')}
`;
}

it('generated requests: no 5xx, no answer that is not described, and every 4xx is a problem that names the place', async () => {
  const figures = await requestCampaign({ requests, seed });
  console.log(`${figures.requests} generated requests, ${figures.serverErrors} server errors, in ${figures.seconds} s`);
  console.log([...figures.statuses].map(([status, count]) => `${status}: ${count}`).join(', '));
  if (process.env.CAMPAIGN_REPORT !== undefined) writeFileSync(process.env.CAMPAIGN_REPORT, report(figures));
  expect(figures.faults).toEqual([]);
  expect([figures.serverErrors, figures.undescribed, figures.placeless, figures.unanswered]).toEqual([0, 0, 0, 0]);
  expect(figures.operations).toBe(operations);
});
