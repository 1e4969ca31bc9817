// The pages and the problems over HTTP. How they look and behave in a browser is the matter of browser.int.test.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemCodes, problemKinds } from '../../../src/api/rest/problem-codes.js';
import { problemTexts } from '../../../src/api/rest/problem-texts.js';
import { expectDescribed } from '../../support/described.js';
import { type ServedApi, serveApi } from '../served-api.js';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
}, 120_000);
afterAll(() => api.close());

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

async function visit(path: string, headers: Record<string, string> = { accept: browser }, method = 'GET') {
  const response = await fetch(api.url + path, { method, headers });
  const text = await response.text();
  expectDescribed({ method, address: path, status: response.status, headers: response.headers, text });
  return { status: response.status, headers: response.headers, text };
}

describe('a problem', () => {
  it.each(problemCodes)('%s is explained, with what to do, to programs and to people', async (code) => {
    const path = `/api/v1/problems/${code}`;
    const { meaning, remedy, example } = problemTexts[code];
    for (const sentence of [meaning, remedy, example]) expect(sentence).toMatch(/^[A-Z#\d`a-z].{15,}[.?]$/s);
    expect((await api.ask('GET', path)).body).toEqual({
      ...{ code, type: `urn:problem-type:panglot:${code}`, ...problemKinds[code], meaning, remedy },
    });
    const { status, headers, text } = await visit(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain(`<h1>${problemKinds[code].title}</h1>`);
  });

  it('that does not exist is 404, and says where all are', async () => {
    const { status, body } = await api.ask<{ code: string; detail: string }>('GET', '/api/v1/problems/none');
    expect([status, body.code]).toEqual([404, 'not-found']);
    expect(body.detail).toContain('/api/v1/problems');
  });

  it('is told in the form that is liked best, and refused in any other', async () => {
    const typeFor = async (accept: string) => (await visit('/api/v1/problems', { accept })).headers.get('content-type');
    expect(await typeFor('*/*')).toContain('application/json');
    expect(await typeFor('text/html;q=0.5, application/json')).toContain('application/json');
    expect(await typeFor('application/json;q=0.5, text/html')).toContain('text/html');
    expect((await visit('/api/v1/problems', { accept: 'image/png' })).status).toBe(406);
  });

  it('is in the list of all, once, and in the page that lists them', async () => {
    const { body } = await api.ask<{ data: readonly { code: string }[] }>('GET', '/api/v1/problems');
    expect(body.data.map(({ code }) => code).sort()).toEqual([...problemCodes].sort());
    const { text } = await visit('/api/v1/problems');
    for (const code of problemCodes) expect(text).toContain(`href="/api/v1/problems/${code}"`);
  });
});

describe.each(['/', '/api/v1/docs', '/api/v1/problems', '/api/v1/problems/conflict'])('the page %s', (path) => {
  it('lets nothing in from outside, and is framed by nobody', async () => {
    const { headers, text } = await visit(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    for (const [, address] of text.matchAll(/\s(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^[/#]/);
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]+src=)/);
  });

  it('takes GET and HEAD alone', async () => {
    expect((await visit(path, {}, 'HEAD')).status).toBe(200);
    const { status, headers } = await visit(path, {}, 'POST');
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('has no link of our own that leads nowhere', async () => {
    const { text } = await visit(path);
    const links = new Set([...text.matchAll(/\s(?:src|href)="(\/[^"#]*)"/g)].map(([, address]) => address ?? ''));
    expect(links.size).toBeGreaterThan(3);
    for (const link of links) expect((await fetch(api.url + link)).status, link).toBe(200);
    const ids = new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
    for (const [, anchor] of text.matchAll(/\shref="#([^"]+)"/g)) expect(ids, anchor).toContain(anchor);
  });
});

describe('the page of the API', () => {
  it('shows every operation and every schema of the document', async () => {
    const { text } = await visit('/api/v1/docs');
    const { body } = await api.ask<{ paths: object; components: { schemas: object } }>('GET', '/api/v1/openapi.json');
    const ids = Object.values(body.paths).flatMap((item) => Object.values(item).map((one) => Object(one).operationId));
    for (const id of ids) expect(text).toContain(`id="${id}"`);
    for (const name of Object.keys(body.components.schemas)) expect(text).toContain(`id="schema-${name}"`);
  });
});
