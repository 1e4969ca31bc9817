// The page that leads on: what runs here and since when, where to go, and what to type next. A console replaces it later.

import { type Html, html } from './html.js';
import { command, type Page } from './page.js';

/** What there is to tell of the platform that serves the page. */
export interface PlatformFacts {
  readonly startedAt: Date;
  /** What it is made of: each part, where it was found, and whether it was brought along. */
  readonly parts: readonly { readonly name: string; readonly where: string; readonly embedded: boolean }[];
}

interface StartPage extends PlatformFacts {
  readonly version: string;
  readonly logId: string;
  /** As the browser reaches it. */
  readonly url: string;
}

const minute = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const part = ({ name, where, embedded }: PlatformFacts['parts'][number]): Html => html`<li>
<div><strong>${name}</strong><span class="where">${where}</span></div>
<span class="tag ${embedded ? 'embedded' : 'real'}">${embedded ? 'embedded' : 'real'}</span>
</li>`;

const destinations = [
  ['/api/v1/docs', 'API', 'Every operation, with a command to try it'],
  ['/api/v1/problems', 'Problems', 'What each refusal means, and what to do'],
  ['/api/v1/openapi.json', 'openapi.json', 'The same for generators and agents'],
  ['/readyz', 'Health', 'What is up, for whoever watches'],
] as const;

/** Lines of an order go on a line of their own, so that a command can be read without being pushed about. */
const json = (value: unknown): string => JSON.stringify(value).replace(',"lines"', ',\n       "lines"');

/** The tour in three commands. */
function steps(url: string): readonly { readonly title: string; readonly text: string; readonly typed: string }[] {
  const post = (method: string, path: string, body: unknown, header = '') =>
    `curl -sX ${method} ${url}/api/v1${path} \\\n  -H 'content-type: application/json'${header} \\\n  -d '${json(body)}'`;
  return [
    {
      title: 'See it at work',
      text: 'Lifelike orders through the API, in another terminal.',
      typed: 'npm run demo',
    },
    {
      title: 'Put something on the shelf',
      text: 'A product with a price, and a hundred of it.',
      typed: `${post('PUT', '/products/22465', { description: 'HANGING METAL STAR LANTERN', prices: [{ currency: 'GBP', amount: 165 }] })}\n\n${post('POST', '/stock/22465/receipts', { warehouse: 'main', quantity: 100 })}`,
    },
    {
      title: 'Sell it',
      text: 'Answered once the order is CONFIRMED or CANCELLED. Type it twice: the same reference is the same order, and nobody pays twice.',
      typed: post(
        'POST',
        '/orders',
        {
          reference: 'tour-1',
          customerId: '18211',
          currency: 'GBP',
          lines: [{ sku: '22465', quantity: 12 }],
          payment: { method: 'pm_card_visa' },
        },
        " -H 'prefer: wait=10'",
      ),
    },
    {
      title: 'Ask what happened',
      text: 'Every event of every order, with what caused it.',
      typed: `curl -s '${url}/api/v1/orders?limit=1'\ncurl -s ${url}/api/v1/orders/ORDER-ID/events`,
    },
  ];
}

/** The page. */
export const startPage = ({ version, logId, url, startedAt, parts }: StartPage): Page => ({
  ...{ title: 'Panglot', description: 'An event-sourced order platform: what runs here, and where to go.', version },
  here: '/',
  script: 'start.js',
  main: html`<section class="hero" aria-labelledby="hero">
<div>
<p class="health" id="health" role="status" data-state="unknown"><span class="dot" aria-hidden="true"></span><span id="health-text">Asking for its health</span></p>
<h1 id="hero">Every order, from placed to settled, is in the log.</h1>
<p class="lead">Panglot takes orders over REST, writes what happens as events, and drives each order to its end: paid and reserved, or cancelled with everything put back.</p>
</div>
<ol class="log" aria-label="The events of an order"><li>created</li><li>authorised</li><li>reserved</li><li>captured</li><li class="end">confirmed</li></ol>
</section>
<div class="two">
<section aria-labelledby="runs">
<h2 id="runs">What runs here</h2>
<dl class="facts">
<div><dt>Version</dt><dd>${version}</dd></div>
<div><dt>Running since</dt><dd><time id="since" datetime="${startedAt.toISOString()}">${minute(startedAt)}</time></dd></div>
<div><dt>Log</dt><dd><code>${logId}</code></dd></div>
<div><dt>Access</dt><dd>open, on this machine alone</dd></div>
</dl>
<ul class="parts">${parts.map(part)}</ul>
<ul class="checks" id="checks" aria-label="Health of the parts"></ul>
<noscript><p class="muted">Their health is told at <a href="/readyz">/readyz</a>.</p></noscript>
</section>
<section aria-labelledby="go">
<h2 id="go">Where to go</h2>
<ul class="cards">${destinations.map(
    ([path, name, what]) => html`<li><a href="${path}"><strong>${name}</strong><span>${what}</span></a></li>`,
  )}</ul>
</section>
</div>
<section aria-labelledby="next">
<h2 id="next">What to type next</h2>
<ol class="steps">${steps(url).map(
    ({ title, text, typed }) =>
      html`<li><div class="step"><h3>${title}</h3><p>${text}</p></div>${command(typed, `Commands: ${title}`)}</li>`,
  )}</ol>
</section>`,
});
