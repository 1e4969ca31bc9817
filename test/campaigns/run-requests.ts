// The request campaign at any length, with its report. It runs as the test does, because that brings the parts that the API needs.
//
//   npm run campaign:requests [-- --requests 50000 --seed 1 --report docs/campaigns/requests.md]

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/campaigns/requests.int.test.ts', '--testTimeout=7200000'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    CAMPAIGN_REQUESTS: values.requests,
    CAMPAIGN_SEED: values.seed,
    ...(values.report === undefined ? {} : { CAMPAIGN_REPORT: resolve(values.report) }),
  },
});
process.exitCode = status ?? 1;
