// The examples of the OpenAPI document, sent in the order in which it tells them to a platform that has just been started.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationTexts, type RequestExample } from '../../src/api/rest/description/operations.js';
import { described } from '../support/described.js';
import { type Platform, type PlatformHome, platformHome } from '../support/platform.js';

let home: PlatformHome;
let platform: Platform;

beforeAll(async () => {
  home = await platformHome();
  platform = await home.start();
}, 120_000);
afterAll(() => home.remove());

interface Named {
  readonly id: string;
  readonly paymentId?: string | null;
}

/** The ids that the platform gave out, by what their examples are called: the story needs one order to go on and one to cancel. */
const made = new Map<string, Named>();
let position: string | null = null;

const requests = Object.entries(operationTexts).flatMap(([place, { requests }]) =>
  Object.entries(requests).map(([name, example]) => [place, name, example] as const),
);

function idFor(path: string): string {
  const order = made.get(path.endsWith('/cancel') ? 'priced' : 'settled');
  if (path.startsWith('/payments')) return order?.paymentId ?? '';
  return path.startsWith('/orders') ? (order?.id ?? '') : '';
}

/** The request that the document's example stands for, with the ids of this platform. */
function requestOf(place: string, { parameters: own = {}, body }: RequestExample) {
  const [method = '', path = ''] = place.split(' ');
  const parameters = described.paths[path]?.[method.toLowerCase()]?.parameters ?? [];
  const given = (name: string) =>
    (name === 'id' ? idFor(path) : '') || (own[name] ?? String(parameters.find((one) => one.name === name)?.example));
  const at = (where: string): Record<string, string> =>
    Object.fromEntries(parameters.filter((one) => one.in === where && one.name in own).map(({ name }) => [name, given(name)]));
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given(name)));
  const query = new URLSearchParams(at('query')).toString();
  const read = method === 'GET' && position !== null ? { 'panglot-min-position': position } : {};
  return {
    method,
    address: `/api/v1${address}${query === '' ? '' : `?${query}`}`,
    headers: { ...at('header'), ...read },
    body,
  };
}

describe('the examples of the OpenAPI document work, sent in order', () => {
  it.each(requests)('%s: %s', async (place, name, example) => {
    const { method, address, headers, body } = requestOf(place, example);
    const answer =
      method === 'GET'
        ? await platform.get<Named>(address, headers)
        : await platform.send<Named>(method === 'PUT' ? 'PUT' : 'POST', address, body, headers);
    // Under way, or done by the time that it is answered.
    const statuses = place.endsWith('/cancel') ? [200, 202] : [example.status];
    expect(statuses, JSON.stringify(answer.body)).toContain(answer.status);
    if (place === 'POST /orders') made.set(name, answer.body);
    if (method !== 'GET') position = answer.headers.get('panglot-position');
  });
});

describe('what is built', () => {
  it.each(['/', '/api/v1/docs', '/assets/style.css', '/assets/start.js', '/assets/mark.svg'])('has %s with it', async (address) => {
    const answer = await fetch(platform.url + address);
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(200);
  });

  it('tells on its start page what it was put together from', async () => {
    const text = await (await fetch(platform.url)).text();
    for (const word of ['PostgreSQL', 'embedded', 'npm run demo']) expect(text).toContain(word);
  });
});
