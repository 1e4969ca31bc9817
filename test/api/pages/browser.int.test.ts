// The pages in a real browser: nothing from outside, nothing to complain about, readable in light and dark, on a wide and a small screen.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsHere, startBrowser, type TestBrowser } from '../../support/browser.js';
import { eventually } from '../../support/condition.js';
import { type ServedApi, serveApi } from '../served-api.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Where the screenshots are left, for whoever wants to look at them. */
const shots = join(tmpdir(), 'panglot-screenshots');

let api: ServedApi;
let browser: TestBrowser;

beforeAll(async () => {
  if (!browserIsHere) return;
  mkdirSync(shots, { recursive: true });
  const parts = [
    { name: 'PostgreSQL', where: '127.0.0.1:41203', embedded: true },
    { name: 'Payments', where: '127.0.0.1:41204', embedded: true },
    { name: 'EventStoreDB <b>', where: 'esdb://store.internal:2113', embedded: false },
  ];
  [api, browser] = await Promise.all([serveApi({ facts: { startedAt: new Date(Date.now() - 7_300_000), parts } }), startBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await api?.close();
});

const pages = [
  ['start', '/'],
  ['docs', '/api/v1/docs'],
  ['problems', '/api/v1/problems'],
  ['problem', '/api/v1/problems/stock-insufficient'],
] as const;
const looks = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['small', { colorScheme: 'light', viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' }],
] as const;

describe.skipIf(!browserIsHere).each(pages)('the page %s', (name, path) => {
  it.each(looks)('%s: asks nobody else, complains of nothing, and can be read by everybody', async (look, options) => {
    const { page, complaints, close } = await browser.open(api.url + path, options);
    try {
      if (path === '/') await page.waitForSelector('#health[data-state=READY]');
      await shoot(page, `${name}-${look}`, path !== '/api/v1/docs');
      // From the outside, because the page itself runs nothing that is not ours.
      await page.evaluate(await readText(axe));
      const found = await page.evaluate<Found>('axe.run({ resultTypes: ["violations"] })');
      expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  });
});

/** A browser on a busy machine does not always come to paint in time: it is asked again. */
const shoot = (what: Page | Locator, name: string, fullPage = false) =>
  eventually(() => what.screenshot({ path: join(shots, `${name}.png`), ...(fullPage ? { fullPage } : {}) }));

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

const readText = async (path: string): Promise<string> => (await import('node:fs/promises')).readFile(path, 'utf8');

describe.skipIf(!browserIsHere)('the start page', () => {
  it('says what runs here, since when, and that it is ready', async () => {
    const { page, close } = await browser.open(`${api.url}/`);
    await page.waitForSelector('#health[data-state=READY]');
    const text = await page.innerText('main');
    for (const word of ['test', api.logId, '2 hours ago', 'EventStoreDB <b>', 'database is up', 'npm run demo', api.url])
      expect(text).toContain(word);
    expect(await page.locator('.tag').allInnerTexts()).toEqual(['embedded', 'embedded', 'real']);
    await close();
  });

  it('can be walked through by keyboard, its first stop leading to the content', async () => {
    const { page, close } = await browser.open(`${api.url}/`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true);
    await close();
  });

  it('does not run what is not a file of ours', async () => {
    const { page, complaints, close } = await browser.open(`${api.url}/`);
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src="/assets/none.png" onerror="window.ran = true">')`,
    );
    await page.evaluate(
      `(() => { const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s); })()`,
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
    await close();
  });
});

describe.skipIf(!browserIsHere)('the page of the API', () => {
  it.each(looks)('%s: shows an operation that is linked to, opened, readably', async (look, options) => {
    const { page, complaints, close } = await browser.open(`${api.url}/api/v1/docs#placeOrder`, options);
    await page.evaluate('for (const part of document.querySelectorAll("#placeOrder details")) part.open = true');
    await shoot(page.locator('#placeOrder'), `operation-${look}`);
    await page.evaluate(await readText(axe));
    const { violations } = await page.evaluate<Found>('axe.run("#placeOrder", { resultTypes: ["violations"] })');
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('finds operations by words', async () => {
    const { page, close } = await browser.open(`${api.url}/api/v1/docs`);
    await page.getByLabel('Find an operation').fill('cancel');
    expect(await page.locator('.operation:visible h3').allInnerTexts()).toContain('Cancel an order that has not been shipped');
    expect(await page.locator('#listProducts').isVisible()).toBe(false);
    await page.getByLabel('Find an operation').fill('nothing of the kind');
    expect(await page.innerText('#none')).toBe('No operation has these words.');
    await close();
  });
});
