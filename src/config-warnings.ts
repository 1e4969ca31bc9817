// What an operator is told of variables that are set and do nothing. It refuses nothing: an environment holds much that is not ours.

import { type Environment, settingNames } from './config.js';

/** Settings of the interface whose part of the platform is not built. */
const withoutEffect = [
  ...['FEEDS_PORT', 'GRPC_PORT', 'REDIS_URL', 'MASTER_KEY', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'JWT_ALGORITHMS'],
  ...['TRUST_PROXY', 'TLS_CERT', 'TLS_KEY', 'TLS_CLIENT_CA', 'FEED_RETENTION', 'FEED_MAX_CLIENTS'],
  ...['FEED_CLIENT_BUFFER', 'RATE_LIMIT_KEY', 'RATE_LIMIT_GLOBAL', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
];

/** Letters to add, drop or change, or neighbours to swap, until one word is the other (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped);
    }
  }
  return at(a.length, b.length);
}

/** Short names are near to everything. */
const nearEnough = (name: string) => (name.length < 6 ? -1 : name.length < 10 ? 1 : 2);

/** Sentences on variables that are set and do nothing: names that nearly match a setting, and settings that have no effect yet. */
export function settingWarnings(env: Environment): readonly string[] {
  const known = [...settingNames, ...withoutEffect];
  const unknown = Object.keys(env).filter((name) => env[name] !== undefined && !known.includes(name));
  return [
    ...withoutEffect.filter((name) => env[name]).map((name) => `${name} is set, but has no effect yet.`),
    ...unknown.flatMap((name) => {
      const meant = known.find((setting) => distance(name.toUpperCase(), setting) <= nearEnough(setting));
      return meant === undefined ? [] : [`${name} is not a setting of Panglot: perhaps ${meant} was meant.`];
    }),
  ];
}
