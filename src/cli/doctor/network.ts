// The doctor on ports that have to be free, and on servers that have to answer.

import { createServer } from 'node:net';
import pg from 'pg';
import { request } from 'undici';
import { connectEventStore } from '../../adapters/eventstore/event-store.js';
import { logHead } from '../../adapters/eventstore/head.js';
import type { Config } from '../../config.js';
import { streamPrefixes } from '../../domain/event-catalogue.js';
import type { Presence } from '../presence.js';
import { type Finding, messageOf, ok, problem } from './finding.js';

const patience = 5_000;

/** Why nobody can listen there; `null` if it is free. */
const trouble = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });

async function checkPort(name: 'PORT' | 'EVENT_NODE_PORT', host: string, port: number, ours: readonly string[]): Promise<Finding> {
  const check = `Port ${port}`;
  const code = await trouble(host, port);
  if (code === null) return ok(check, `It is free on ${host}.`);
  if (ours.some((url) => URL.canParse(url) && Number(new URL(url).port) === port))
    return ok(check, 'The platform that runs listens there.');
  if (code === 'EADDRINUSE')
    return problem(check, `Another program listens there on ${host}.`, `Stop it, or set ${name} to a free port (0: any).`);
  const why = code === 'EACCES' ? 'This user may not listen there' : `Nobody can listen there on ${host}`;
  return problem(check, `${why} (${code}).`, `Set ${name} to a port above 1023, or HOST to an address of this machine.`);
}

/** The ports that a start would take. */
export async function checkPorts(config: Config, running: readonly Presence[]): Promise<readonly Finding[]> {
  const urls = running.flatMap(({ url, eventNode }) =>
    [url, eventNode?.replace(/^esdb:/, 'http:') ?? null].filter((one) => one !== null),
  );
  return [
    ...(config.PORT > 0 && config.ROLES.includes('api') ? [await checkPort('PORT', config.HOST, config.PORT, urls)] : []),
    ...(config.EVENT_NODE_PORT > 0 && config.EVENTSTORE_URL === null
      ? [await checkPort('EVENT_NODE_PORT', '127.0.0.1', config.EVENT_NODE_PORT, urls)]
      : []),
  ];
}

async function checkEventStore(url: string): Promise<Finding> {
  const check = 'EVENTSTORE_URL';
  try {
    const store = connectEventStore({ url, appendTimeoutMs: patience });
    try {
      const head = await logHead(store, streamPrefixes);
      return ok(check, head === null ? 'It answers; its log is empty.' : `It answers; its log ends at ${head}.`);
    } finally {
      await store.close();
    }
  } catch (error) {
    return problem(
      check,
      `It does not answer: ${messageOf(error)}`,
      'Start EventStoreDB, correct EVENTSTORE_URL (esdb://host:2113?tls=false for one without TLS), or unset it for the embedded one.',
    );
  }
}

async function checkDatabase(url: string): Promise<Finding> {
  const check = 'DATABASE_URL';
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patience, query_timeout: patience });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; version: string }>(
      "SELECT current_database() AS name, current_setting('server_version') AS version",
    );
    return ok(check, `PostgreSQL ${rows[0]?.version} lets us into ${rows[0]?.name}.`);
  } catch (error) {
    return problem(
      check,
      `It does not let us in: ${messageOf(error) || 'nobody listens there'}.`,
      'Start PostgreSQL, correct DATABASE_URL, or unset it for the embedded one.',
    );
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkStripe(apiKey: string, apiBase: string | null): Promise<Finding> {
  const check = 'STRIPE_API_KEY';
  const base = apiBase ?? 'https://api.stripe.com';
  try {
    const { statusCode, body } = await request(`${base}/v1/payment_intents?limit=1`, {
      headers: { authorization: `Bearer ${apiKey}` },
      headersTimeout: patience,
      bodyTimeout: patience,
      signal: AbortSignal.timeout(patience),
    });
    await body.dump();
    if (statusCode < 400) return ok(check, `${base} accepts it.`);
    if (statusCode === 401 || statusCode === 403)
      return problem(
        check,
        `${base} refuses it (${statusCode}).`,
        "Take a key from Stripe's dashboard that may use payment intents.",
      );
    return problem(check, `${base} answers ${statusCode}.`, 'Look at its status page, or correct STRIPE_API_BASE.');
  } catch (error) {
    return problem(
      check,
      `${base} does not answer: ${messageOf(error)}`,
      'Correct STRIPE_API_BASE, or unset both for the simulator.',
    );
  }
}

/** Whether the platform that runs is ready, by its own word. */
async function checkReadiness(url: string): Promise<Finding> {
  const check = 'Readiness';
  try {
    const { statusCode, body } = await request(`${url}/readyz`, { signal: AbortSignal.timeout(patience) });
    const said = await body.text();
    return statusCode === 200 ? ok(check, `${url} is ready.`) : problem(check, `${url} is not: ${said}`, 'Look at its log.');
  } catch (error) {
    return problem(check, `${url} does not answer: ${messageOf(error)}`, 'Look at its log; stop it and start it again.');
  }
}

/** Those servers that the settings name, and the platform that runs. */
export const checkServers = (config: Config, running: readonly Presence[]): Promise<readonly Finding[]> =>
  Promise.all([
    ...(config.EVENTSTORE_URL === null ? [] : [checkEventStore(config.EVENTSTORE_URL)]),
    ...(config.DATABASE_URL === null ? [] : [checkDatabase(config.DATABASE_URL)]),
    ...(config.STRIPE_API_KEY === null ? [] : [checkStripe(config.STRIPE_API_KEY, config.STRIPE_API_BASE)]),
    ...running.flatMap(({ url }) => (url === null ? [] : [checkReadiness(url)])),
  ]);
