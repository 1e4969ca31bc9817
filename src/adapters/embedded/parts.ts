// The parts that the platform needs and that it brings along: each is started unless a setting names a real one.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.js';
import { startChild } from './child-process.js';
import { startEmbeddedPostgres } from './postgres/launcher.js';
import type { Started } from './started.js';

/** A part of the platform and where it was found: what the banner says. */
export interface Part {
  readonly name: string;
  readonly where: string;
  readonly embedded: boolean;
}

/** The name of the part that holds the log; what is embedded of it is found under its connection string. */
export const eventStorePart = 'Event store';

/** Of the platform's settings, those that decide what is started. */
export interface PartSettings {
  readonly DATA_DIR: string;
  readonly DATABASE_URL: string | null;
  readonly EVENTSTORE_URL: string | null;
  readonly EVENT_NODE_PORT: number;
  readonly STRIPE_API_KEY: string | null;
  readonly STRIPE_API_BASE: string | null;
}

const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

/** Starts PostgreSQL, or takes the one that is configured. */
export async function startDatabase(settings: PartSettings, started: Started, parts: Part[], log: Log): Promise<string> {
  if (settings.DATABASE_URL !== null) {
    parts.push({ name: 'PostgreSQL', where: withoutSecrets(settings.DATABASE_URL), embedded: false });
    return settings.DATABASE_URL;
  }
  const postgres = started.add(await startEmbeddedPostgres({ dataDir: settings.DATA_DIR, log }), (part) => part.stop());
  parts.push({ name: 'PostgreSQL', where: `127.0.0.1:${postgres.port}`, embedded: true });
  return postgres.url;
}

/** Starts one of our own servers as a child process; answers its port. */
async function startServer(name: string, entry: string, data: string, port: number, started: Started, log: Log): Promise<number> {
  mkdirSync(data, { recursive: true });
  const child = await startChild({
    name,
    program: { entry },
    args: (port) => ['--data', data, '--port', String(port), '--host', '127.0.0.1'],
    port,
    log,
  });
  return started.add(child, (part) => part.stop()).port;
}

/** Starts the payment simulator, or takes Stripe; answers how it is reached. */
export async function startSimulator(settings: PartSettings, started: Started, parts: Part[], log: Log) {
  if (settings.STRIPE_API_KEY !== null) {
    const apiBase = settings.STRIPE_API_BASE ?? 'https://api.stripe.com';
    parts.push({ name: 'Payments', where: apiBase, embedded: false });
    return { apiKey: settings.STRIPE_API_KEY, apiBase };
  }
  const entry = 'dist/adapters/payments/simulator/process.js';
  const port = await startServer('payment simulator', entry, join(settings.DATA_DIR, 'payment-simulator'), 0, started, log);
  const apiBase = `http://127.0.0.1:${port}`;
  parts.push({ name: 'Payments', where: `${apiBase} (a simulator of Stripe)`, embedded: true });
  return { apiKey: 'sk_test_panglot', apiBase };
}

/** Starts the event node, or takes the store that is configured; answers its connection string. */
export async function startEventNode(settings: PartSettings, started: Started, parts: Part[], log: Log): Promise<string> {
  if (settings.EVENTSTORE_URL !== null) {
    parts.push({ name: eventStorePart, where: withoutSecrets(settings.EVENTSTORE_URL), embedded: false });
    return settings.EVENTSTORE_URL;
  }
  const entry = 'dist/adapters/embedded/event-node/process.js';
  const port = await startServer(
    'event node',
    entry,
    join(settings.DATA_DIR, 'event-node'),
    settings.EVENT_NODE_PORT,
    started,
    log,
  );
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  parts.push({ name: eventStorePart, where: url, embedded: true });
  return url;
}
