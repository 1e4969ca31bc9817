// Settings: what they become, what is refused and in which words, and what an operator is warned of.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeConfig, type Environment, loadConfig, SettingsRefused } from '../src/config.js';
import { settingWarnings } from '../src/config-warnings.js';

const folder = mkdtempSync(join(tmpdir(), 'panglot-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const server = { root: false, terminal: false };

function refusal(env: Environment): readonly string[] {
  try {
    loadConfig(env, server);
  } catch (error) {
    if (error instanceof SettingsRefused) return error.sentences;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('have the documented defaults', () =>
    expect(loadConfig({}, server)).toEqual({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 8080,
      PUBLIC_URL: null,
      DATA_DIR: resolve('.panglot'),
      ROLES: ['api', 'projector', 'process-manager'],
      EVENTSTORE_URL: null,
      DATABASE_URL: null,
      EVENT_NODE_PORT: 0,
      STRIPE_API_KEY: null,
      STRIPE_API_BASE: null,
      DATABASE_POOL_SIZE: 10,
      AUTH_MODE: 'open',
      CORS_ORIGINS: [],
      BODY_LIMIT: 1024 * 1024,
      REQUEST_TIMEOUT: 5_000,
      SHUTDOWN_TIMEOUT: 20_000,
      MIN_POSITION_WAIT: 2_000,
      IDEMPOTENCY_RETENTION: 86_400_000,
      PAYMENT_TIMEOUT: 900_000,
      RESERVATION_EXPIRY: 1_800_000,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
    }));

  it('keep data where every user can get to when Panglot runs as root, and log prettily on a terminal', () =>
    expect(loadConfig({}, { root: true, terminal: true })).toMatchObject({ DATA_DIR: '/var/lib/panglot', LOG_FORMAT: 'pretty' }));

  it('read durations, sizes and lists', () =>
    expect(
      loadConfig({ REQUEST_TIMEOUT: '250ms', PAYMENT_TIMEOUT: '2h', BODY_LIMIT: '512kb', ROLES: 'projector, api' }, server),
    ).toMatchObject({ REQUEST_TIMEOUT: 250, PAYMENT_TIMEOUT: 7_200_000, BODY_LIMIT: 524_288, ROLES: ['projector', 'api'] }));

  it('take origins as a browser sends them', () => {
    const { CORS_ORIGINS } = loadConfig({ CORS_ORIGINS: 'https://shop.example, http://localhost:3000' }, server);
    expect(CORS_ORIGINS).toEqual(['https://shop.example', 'http://localhost:3000']);
    for (const wrong of ['*', 'shop.example', 'https://shop.example/', 'ftp://shop.example'])
      expect(refusal({ CORS_ORIGINS: wrong })).toEqual([expect.stringMatching(/^CORS_ORIGINS is .* origins such as/)]);
  });

  it('that are set to nothing are not set', () => expect(loadConfig({ PORT: '', STRIPE_API_KEY: ' ' }, server).PORT).toBe(8080));

  it('are refused all at once, a sentence each', () =>
    expect(refusal({ PORT: 'eighty', LOG_LEVEL: 'loud', ROLES: 'api,api', REQUEST_TIMEOUT: '5' })).toEqual([
      'PORT is "eighty": it should be a port from 0 to 65535 (0: a free one).',
      'ROLES is "api,api": it should be some of api, projector, process-manager, parted by commas, none twice.',
      'REQUEST_TIMEOUT is "5": it should be a duration above zero and up to 24d, such as 500ms, 5s, 15m, 24h.',
      'LOG_LEVEL is "loud": it should be trace, debug, info, warn, error, fatal or silent.',
    ]));

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '8080.5'],
    ['EVENT_NODE_PORT', '0x10'],
    ['DATABASE_POOL_SIZE', '0'],
    ['BODY_LIMIT', '0kb'],
    ['BODY_LIMIT', '1 mb'],
    ['BODY_LIMIT', '9999999999999999mb'],
    ['PAYMENT_TIMEOUT', '0s'],
    ['IDEMPOTENCY_RETENTION', '25d'],
    ['PAYMENT_TIMEOUT', '25d'],
    ['PAYMENT_TIMEOUT', '1y'],
    ['RESERVATION_EXPIRY', '-5m'],
    ['ROLES', 'api,'],
    ['ROLES', 'web'],
    ['PUBLIC_URL', 'ftp://shop.example'],
    ['PUBLIC_URL', 'shop.example'],
    ['EVENTSTORE_URL', 'http://localhost:2113'],
    ['DATABASE_URL', 'mysql://localhost/panglot'],
    ['STRIPE_API_KEY', 'pk_test_1'],
    ['NODE_ENV', 'prod'],
    ['AUTH_MODE', 'required'],
    ['LOG_FORMAT', 'xml'],
  ])('refuse %s=%s in one sentence that names it', (name, value) => {
    const sentences = refusal({ [name]: value });
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(new RegExp(`^${name} is .*: it should be .*\\.$`));
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'shop.example', '127.evil.example'])('refuse to serve %s openly', (host) =>
    expect(refusal({ HOST: host })).toEqual([
      `HOST is "${host}" and AUTH_MODE is open: it should be a loopback address (127.0.0.1, ::1 or localhost) until access control exists; a container uses the host's network.`,
    ]),
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('serve %s', (host) =>
    expect(loadConfig({ HOST: host }, server).HOST).toBe(host),
  );

  it('refuse open access in production', () =>
    expect(refusal({ NODE_ENV: 'production' })).toEqual([expect.stringContaining('NODE_ENV')]));

  it("refuse Stripe's address without its key", () =>
    expect(refusal({ STRIPE_API_BASE: 'http://127.0.0.1:12111' })).toEqual([expect.stringContaining('STRIPE_API_BASE')]));
});

describe('secrets', () => {
  it('may come from a file, less the line end', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'sk_test_filed\n');
    expect(loadConfig({ STRIPE_API_KEY_FILE: path }, server).STRIPE_API_KEY).toBe('sk_test_filed');
  });

  it('are refused from two places, and from a file that is not there', () => {
    expect(refusal({ STRIPE_API_KEY: 'sk_test_1', STRIPE_API_KEY_FILE: '/x' })).toEqual([
      'STRIPE_API_KEY and STRIPE_API_KEY_FILE are both set: it should be one of them.',
    ]);
    expect(refusal({ DATABASE_URL_FILE: join(folder, 'none'), PORT: 'x' })).toEqual([
      expect.stringContaining('DATABASE_URL_FILE'),
      expect.stringContaining('PORT'),
    ]);
  });

  it('are not shown, neither in a refusal nor in a description', () => {
    const env = {
      DATABASE_URL: 'mysql://panglot:hunter2@db/panglot',
      STRIPE_API_KEY: 'hunter2',
      EVENTSTORE_URL: 'tcp://a:hunter2@b',
    };
    expect(refusal(env)).toHaveLength(3);
    expect(refusal(env).join()).not.toContain('hunter2');
    expect(JSON.stringify(describeConfig(env, server))).not.toContain('hunter2');
  });
});

describe('a description of the settings', () => {
  const path = join(folder, 'url');
  const described = () => {
    writeFileSync(path, 'postgres://panglot@db/panglot');
    return describeConfig({ PORT: '9000', DATABASE_URL_FILE: path }, server);
  };

  it.each([
    ['PORT', '9000', 'environment'],
    ['DATABASE_URL', '(hidden)', 'file'],
    ['PAYMENT_TIMEOUT', '15m', 'default'],
    ['STRIPE_API_KEY', 'unset', 'default'],
  ])('says of %s: %s, from %s', (name, value, source) =>
    expect(described().find((setting) => setting.name === name)).toMatchObject({
      value,
      source,
      text: expect.stringMatching(/\.$/),
    }),
  );

  it('names every setting once', () =>
    expect(new Set(described().map(({ name }) => name)).size).toBe(Object.keys(loadConfig({}, server)).length));
});

describe('warnings', () => {
  it('name a setting that has no effect yet', () =>
    expect(settingWarnings({ REDIS_URL: 'redis://localhost', PORT: '1' })).toEqual(['REDIS_URL is set, but has no effect yet.']));

  it.each([
    ['DATABASE_URI', 'DATABASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['DATADIR', 'DATA_DIR'],
    ['SHUTDWON_TIMEOUT', 'SHUTDOWN_TIMEOUT'],
    ['log_level', 'LOG_LEVEL'],
    ['STRIPE_API_KEY_FIEL', 'STRIPE_API_KEY_FILE'],
  ])('say that %s was perhaps meant to be %s', (name, meant) =>
    expect(settingWarnings({ [name]: 'x' })).toEqual([`${name} is not a setting of Panglot: perhaps ${meant} was meant.`]),
  );

  it('leave the rest of the environment alone', () =>
    expect(
      settingWarnings({
        PATH: '/bin',
        HOSTNAME: 'a',
        PORTS: '1',
        HOSTS: 'b',
        npm_config_loglevel: 'error',
        EDITOR: 'vi',
        TERM: 'xterm',
      }),
    ).toEqual([]));
});
