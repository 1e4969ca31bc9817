// The frame of every page, and how pages are answered: from us alone, with nothing inline, so that the policy can be strict.

import type { Rendered } from '../rest/answer.js';
import { type Html, html } from './html.js';

/** By hand: these four are all that a page without forms and frames needs. */
const security: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; connect-src 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

export interface Page {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Which entry of the navigation this page is. */
  readonly here?: '/' | '/api/v1/docs' | '/api/v1/problems';
  /** The name of a script in static/. */
  readonly script?: string;
  readonly layout?: 'narrow' | 'wide';
  readonly main: Html;
}

const places = [
  ['/', 'Start'],
  ['/api/v1/docs', 'API'],
  ['/api/v1/problems', 'Problems'],
] as const;

const navigation = (here: Page['here']): Html =>
  html`<nav aria-label="Pages"><ul>${places.map(([path, name]) =>
    path === here ? html`<li><a href="${path}" aria-current="page">${name}</a></li>` : html`<li><a href="${path}">${name}</a></li>`,
  )}</ul></nav>`;

/** A whole document. */
export const documentOf = ({
  title,
  description,
  version,
  here,
  script,
  layout = 'narrow',
  main,
}: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${script === undefined ? null : html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body class="${layout}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="28" height="28"><span>Panglot</span></a>
<span class="version">${version}</span>
${navigation(here)}
</header>
<main id="main">
${main}
</main>
</body>
</html>
`;

/** A page as it is sent. */
export const answerPage = (page: Page, status = 200): Rendered => ({
  status,
  headers: { ...security, 'Cache-Control': 'no-cache', 'Content-Type': 'text/html; charset=utf-8' },
  text: documentOf(page).html,
});

/** A command to be typed, with a button that copies it; the button comes with the script. */
export const command = (text: string, label: string): Html =>
  html`<div class="command"><pre tabindex="0" aria-label="${label}"><code>${text}</code></pre></div>`;
