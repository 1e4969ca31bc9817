// `panglot start`: runs the platform until it is told to stop, and says where everything is.

import { Command } from 'commander';
import { type Logger, pino } from 'pino';
import { eventStorePart } from '../adapters/embedded/parts.js';
import { type Config, loadConfig, SettingsRefused } from '../config.js';
import { settingWarnings } from '../config-warnings.js';
import type { Platform } from '../main.js';
import { askedToStop } from './asked-to-stop.js';
import { banner } from './banner.js';
import { announce } from './presence.js';

const help = `
Without settings it brings everything along: a PostgreSQL, an event node that speaks EventStoreDB's protocol, a payment simulator that
speaks Stripe's. EVENTSTORE_URL, DATABASE_URL and STRIPE_API_KEY each put the real one in its place; "panglot config" lists all settings.
Ctrl-C stops everything in order; the next start finds everything.

Examples:
  $ npm start                                          the same as "panglot start"
  $ PORT=9000 DATA_DIR=/tmp/shop panglot start         another port, another data folder: a platform of its own
  $ ROLES=api panglot start                            only the API, beside a process that does the rest (needs real servers)
`;

export function startCommand(version: string): Command {
  return (
    new Command('start')
      .description('start the platform, with everything that it needs and is not given')
      .addHelpText('after', help)
      // What is not a command ends here, because this one is the default.
      .allowExcessArguments()
      .action((_, command: Command) => {
        const [unknown] = command.args;
        if (unknown !== undefined) command.error(`error: unknown command '${unknown}': "panglot --help" names them all.`);
        return start(version);
      })
  );
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
    // The platform is most of the code: the other commands do without.
    const { startPlatform } = await import('../main.js');
    platform = await startPlatform(config, version, log);
  } catch (error) {
    log.debug({ err: error }, 'The platform did not start.');
    process.stderr.write(`Panglot did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const leave = present(platform, config, version, log);
  process.stdout.write(banner(platform, config, version));
  const signal = await stopAsked;
  log.info({ signal }, 'Stopping.');
  leave();
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

/** Without the file that tells of it a platform serves as well: other commands do not find it, that is all. */
function present({ url, logId, parts }: Platform, { DATA_DIR, EVENTSTORE_URL }: Config, version: string, log: Logger): () => void {
  const eventNode = EVENTSTORE_URL === null ? (parts.find(({ name }) => name === eventStorePart)?.where ?? null) : null;
  try {
    return announce(DATA_DIR, { version, logId, url, eventNode });
  } catch (error) {
    log.warn({ err: error }, `Other commands will not find this platform: nothing can be written to ${DATA_DIR}.`);
    return () => {};
  }
}
