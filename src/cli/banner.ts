// What `panglot start` says when the platform runs: where everything is, and what to type next.

import type { Config } from '../config.js';
import type { Platform } from '../main.js';

type Row = readonly [name: string, value: string];

/** Where people go, then where the parts are. */
export function banner({ url, parts, logId, untouched }: Platform, { DATA_DIR }: Config, version: string): string {
  const api: readonly Row[] =
    url === null
      ? []
      : [
          ['Start page', `${url}/`],
          ['API', `${url}/api/v1`],
          ['API docs', `${url}/api/v1/docs`],
          ['API document', `${url}/api/v1/openapi.json`],
          ['Health', `${url}/readyz`],
        ];
  const rows: readonly Row[] = [
    ...api,
    ...parts.map(({ name, where, embedded }): Row => [name, `${where}${embedded ? ' - embedded' : ''}`]),
    ['Data', DATA_DIR],
    ['Log', logId],
    ['Access', 'open, on this machine alone'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const next = untouched && url !== null ? ['', '  Nothing here yet: npm run demo, in another terminal.'] : [];
  return [
    '',
    `Panglot ${version} is running. Ctrl-C stops it.`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`),
    ...next,
    '',
    '',
  ].join('\n');
}
