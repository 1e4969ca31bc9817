// Each problem explained, and all of them in a list: as JSON for programs, as a page for browsers.

import type { ProblemKindView } from '../rest/description/platform-paths.js';
import { type ProblemCode, problemCodes, problemKinds } from '../rest/problem-codes.js';
import { problemTexts } from '../rest/problem-texts.js';
import { type Html, html, inline } from './html.js';
import type { Page } from './page.js';

/** The problem with what it means; `null` if there is none with this code. */
export function problemKind(code: string): ProblemKindView | null {
  const known = problemCodes.find((one) => one === code);
  return known === undefined ? null : viewOf(known);
}

function viewOf(code: ProblemCode): ProblemKindView {
  const { meaning, remedy } = problemTexts[code];
  return { code, type: `urn:problem-type:panglot:${code}`, ...problemKinds[code], meaning, remedy };
}

/** All problems, by status. */
export const allProblemKinds = (): readonly ProblemKindView[] => problemCodes.map(viewOf).sort((a, b) => a.status - b.status);

/** The page of one problem. */
export const problemPage = ({ code, type, status, title, meaning, remedy }: ProblemKindView, version: string): Page => ({
  ...{ title: `${title} - Panglot`, description: meaning, version, script: 'copy.js' },
  main: html`<article class="problem">
<p class="eyebrow"><span class="status s${String(status).slice(0, 1)}">${status}</span> <code>${code}</code></p>
<h1>${title}</h1>
<p class="lead">${inline(meaning)}</p>
<h2>What to do</h2>
<p>${inline(remedy)}</p>
<h2>How it looks</h2>
<pre tabindex="0" aria-label="An example of this problem"><code>${JSON.stringify({ type, title, status, detail: problemTexts[code].example, instance: 'urn:uuid:0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5', code }, null, 2)}</code></pre>
<p><a href="/api/v1/problems">All problems</a></p>
</article>`,
});

const row = ({ code, status, title, meaning }: ProblemKindView): Html => html`<li id="${code}">
<span class="status s${String(status).slice(0, 1)}">${status}</span>
<div><a href="/api/v1/problems/${code}"><code>${code}</code></a> <span class="muted">${title}</span><p>${inline(meaning)}</p></div>
</li>`;

/** The page that lists all of them. */
export const problemsPage = (version: string): Page => ({
  ...{ title: 'Problems - Panglot', description: 'Every problem that the API answers, and what to do about it.', version },
  here: '/api/v1/problems',
  main: html`<h1>Problems</h1>
<p class="lead">Whatever is not answered as it was asked is <code>application/problem+json</code> with one of these codes. The <code>code</code> never changes its meaning; the <code>detail</code> says what happened this time.</p>
<ul class="problems">${allProblemKinds().map(row)}</ul>`,
});
