// `panglot start`: runs the platform until it is told to stop, and says where everything is.

import { Command } from 'commander';
import { pino } from 'pino';
import { type Config, loadConfig, SettingsRefused } from '../config.js';
import { settingWarnings } from '../config-warnings.js';
import type { Platform } from '../main.js';
import { askedToStop } from './asked-to-stop.js';

export function startCommand(version: string): Command {
  return new Command('start')
    .description('start the platform, with everything that it needs and is not given')
    .action(() => start(version));
}

async function start(version: string): Promise<void> {
  const config = readConfig();
  if (config === null) return;
  const log = pino({
    level: config.LOG_LEVEL,
    ...(config.LOG_FORMAT === 'pretty' ? { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } } : {}),
  });
  for (const warning of settingWarnings(process.env)) log.warn(warning);

  const stopAsked = askedToStop();
  let platform: Platform;
  try {
    // Only now: no other command should wait for the whole platform to be loaded.
    const { startPlatform } = await import('../main.js');
    platform = await startPlatform(config, version, log);
  } catch (error) {
    log.debug({ err: error }, 'The platform did not start.');
    process.stderr.write(`Panglot did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(banner(platform, config, version));
  const signal = await stopAsked;
  log.info({ signal }, 'Stopping.');
  await platform.stop();
  log.info('Everything has stopped.');
}

function readConfig(): Config | null {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
    process.stderr.write(
      `Panglot did not start, because of its settings:\n${error.sentences.map((sentence) => `  ${sentence}\n`).join('')}`,
    );
    process.exitCode = 1;
    return null;
  }
}

function banner({ url, parts, logId }: Platform, config: Config, version: string): string {
  const rows: (readonly [string, string])[] = [
    ...(url === null
      ? []
      : ([
          ['API', `${url}/api/v1`],
          ['API document', `${url}/api/v1/openapi.json`],
          ['Health', `${url}/readyz`],
        ] as const)),
    ...parts.map(({ name, where, embedded }) => [name, `${where}${embedded ? ' - embedded' : ''}`] as const),
    ['Data', config.DATA_DIR],
    ['Log', logId],
    ['Access', 'open, on this machine alone'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return `\nPanglot ${version} is running. Ctrl-C stops it.\n\n${rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`).join('\n')}\n\n`;
}
