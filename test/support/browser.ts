// A real browser without a window, from inside npm. It reaches what the test serves and nothing else.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export interface TestBrowser {
  /** A page on which whatever goes elsewhere, is written to the console as an error or is thrown is noted as a complaint. */
  open(url: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Without what a container or a busy machine does not let it have: a sandbox, shared memory, a graphics card. */
const args = [
  '--disable-gpu',
  '--no-sandbox',
  '--disable-setuid-sandbox',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
  '--no-zygote',
];

/** The browser inside npm is built for this system alone; elsewhere CHROMIUM names one that is installed. */
export const browserIsHere = process.env.CHROMIUM !== undefined || (process.platform === 'linux' && process.arch === 'x64');

/** Unpacks the browser into a folder of its own and starts it. */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'panglot-browser-'));
  // Both are read when the packages are loaded: the second makes it bring the libraries that a bare system does not have.
  const { TMPDIR, AWS_EXECUTION_ENV } = process.env;
  process.env.TMPDIR = folder;
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x';
  const { default: packed } = await import('@sparticuz/chromium');
  const { chromium } = await import('playwright-core');
  packed.setGraphicsMode = false;
  const executablePath = process.env.CHROMIUM ?? (await packed.executablePath());
  const browser = await chromium.launch({ executablePath, args, headless: true });
  return {
    open: (url, options = {}) => open(browser, url, options),
    close: async () => {
      await browser.close();
      restore({ TMPDIR, AWS_EXECUTION_ENV });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Other files of tests run in this process after this one. */
function restore(environment: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(environment))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

async function open(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  await context.route('**/*', async (route) => {
    if (new URL(route.request().url()).origin === new URL(url).origin) return route.continue();
    complaints.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  await page.goto(url, { waitUntil: 'load' });
  return { page, complaints, close: () => context.close() };
}
