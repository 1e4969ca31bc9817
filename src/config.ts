// The settings of the platform, filled from environment variables and, for secrets, from files. It stands alone: who needs a setting is
// given it by the composition root.

import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { type About, about, type Surroundings, settings } from './config-settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings by name: durations in milliseconds, sizes in bytes, DATA_DIR absolute, what is unset `null`. */
export type Config = z.infer<typeof settings>;

/** What may be set: the settings, and for each secret the name of its file. */
export const settingNames: readonly string[] = Object.entries(settings.shape).flatMap(([name, schema]) =>
  about.get(schema)?.secret === true ? [name, `${name}_FILE`] : [name],
);

/** One sentence for each setting that is wrong. */
export class SettingsRefused extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'SettingsRefused';
    this.sentences = sentences;
  }
}

type Source = 'default' | 'environment' | 'file';
interface Given {
  readonly name: string;
  readonly about: About;
  readonly value: string | null;
  readonly source: Source;
}

const here = (): Surroundings => ({ root: process.getuid?.() === 0, terminal: process.stdout.isTTY === true });

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new SettingsRefused([
      `${name}_FILE is "${path}", which cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    ]);
  }
}

/** A variable that is set to nothing is not set: compose files pass those on. */
function give(name: string, told: About, env: Environment, surroundings: Surroundings): Given {
  const value = env[name]?.trim() || undefined;
  const path = told.secret === true ? env[`${name}_FILE`]?.trim() || undefined : undefined;
  if (value !== undefined && path !== undefined)
    throw new SettingsRefused([`${name} and ${name}_FILE are both set: it should be one of them.`]);
  if (path !== undefined) return { name, about: told, value: readSecret(name, path), source: 'file' };
  if (value !== undefined) return { name, about: told, value, source: 'environment' };
  return {
    name,
    about: told,
    value: typeof told.default === 'function' ? told.default(surroundings) : told.default,
    source: 'default',
  };
}

/** What is given for each setting; `refused` gathers what could not be read. */
function gather(env: Environment, surroundings: Surroundings): { given: readonly Given[]; refused: readonly string[] } {
  const given: Given[] = [];
  const refused: string[] = [];
  for (const [name, schema] of Object.entries(settings.shape)) {
    const told = about.get(schema);
    if (told === undefined) throw new Error(`the setting ${name} is not documented`);
    try {
      given.push(give(name, told, env, surroundings));
    } catch (error) {
      if (!(error instanceof SettingsRefused)) throw error;
      refused.push(...error.sentences);
    }
  }
  return { given, refused };
}

const shown = ({ about, value }: Given): string => (value === null ? 'unset' : about.secret === true ? '(hidden)' : value);

const quoted = (given: Given): string => (given.about.secret === true ? shown(given) : JSON.stringify(given.value));

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** What each setting allows by itself, but not together with the others. */
function contradictions(config: Config): readonly string[] {
  const sentences: string[] = [];
  if (!isLoopback(config.HOST))
    sentences.push(
      `HOST is ${JSON.stringify(config.HOST)} and AUTH_MODE is open: it should be a loopback address (127.0.0.1, ::1 or localhost) until access control exists; a container uses the host's network.`,
    );
  if (config.NODE_ENV === 'production')
    sentences.push(
      'NODE_ENV is "production" and AUTH_MODE is open: it should be development until access control exists, for production allows no open access.',
    );
  if (config.STRIPE_API_BASE !== null && config.STRIPE_API_KEY === null)
    sentences.push(
      `STRIPE_API_BASE is ${JSON.stringify(config.STRIPE_API_BASE)} without STRIPE_API_KEY: it should be unset, or the key set too.`,
    );
  return sentences;
}

/**
 * The settings of this process.
 * @throws {SettingsRefused} with one sentence for each wrong setting: its name, its value (unless it is a secret), what it should be.
 */
export function loadConfig(env: Environment, surroundings: Surroundings = here()): Config {
  const { given, refused } = gather(env, surroundings);
  const parsed = settings.safeParse(Object.fromEntries(given.map(({ name, value }) => [name, value])));
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => issue.path[0]));
  const sentences = [
    ...refused,
    ...given.filter(({ name }) => wrong.has(name)).map((one) => `${one.name} is ${quoted(one)}: it should be ${one.about.form}.`),
    ...(parsed.success ? contradictions(parsed.data) : []),
  ];
  if (sentences.length > 0 || !parsed.success) throw new SettingsRefused(sentences);
  return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR) };
}

/** What `panglot config` prints: each setting in the order of the documentation, secrets hidden. Right and wrong values alike. */
export function describeConfig(env: Environment, surroundings: Surroundings = here()) {
  const { given, refused } = gather(env, surroundings);
  if (refused.length > 0) throw new SettingsRefused(refused);
  return given.map((one) => ({ name: one.name, value: shown(one), source: one.source, text: one.about.text }));
}
