// Hears what transactions announce with NOTIFY, over one connection of its own that is made again when it is lost. An announcement
// only says "look": what it announces is in the tables.

import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Log, silent } from '../log.js';
import { describe } from './database.js';
import { translate } from './errors.js';

export interface ListenOptions {
  readonly url: string;
  readonly channel: string;
  readonly onMessage: (payload: string) => void;
  /** Called each time the connection has been made again: what was announced in between was missed, so look. */
  readonly onReconnected?: () => void;
  readonly log?: Log;
}

export interface Listener {
  close(): Promise<void>;
}

const longestWait = 5_000;

interface Ear {
  readonly client: pg.Client;
  readonly gone: Promise<void>;
}

async function open({ url, channel, onMessage }: ListenOptions): Promise<Ear> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'panglot listener',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  const gone = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.once('end', () => resolve());
  });
  client.on('notification', ({ payload }) => onMessage(payload ?? ''));
  try {
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    return { client, gone };
  } catch (error) {
    await client.end().catch(() => {});
    throw translate(error, `Listening on ${describe(url)}`);
  }
}

/**
 * Listens on a channel until closed. When it fulfils, every later announcement is heard, except while a lost connection is being made
 * again. Announce with `SELECT pg_notify(channel, payload)` once a transaction: it serialises commits.
 * @throws Unavailable the first connection could not be made.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const log = options.log ?? silent;
  const closing = new AbortController();
  let ear = await open(options);

  async function reopen(): Promise<void> {
    for (let wait = 100; !closing.signal.aborted; wait = Math.min(longestWait, wait * 2)) {
      try {
        ear = await open(options);
        if (!closing.signal.aborted) options.onReconnected?.();
        return;
      } catch (error) {
        log.warn({ err: error }, `The listener on channel ${options.channel} could not connect yet.`);
        await delay(wait, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  async function watch(): Promise<void> {
    while (!closing.signal.aborted) {
      await ear.gone;
      if (!closing.signal.aborted) await reopen();
    }
    await ear.client.end().catch(() => {});
  }
  const watching = watch();

  return {
    close: async () => {
      closing.abort();
      await ear.client.end().catch(() => {});
      await watching;
    },
  };
}
