// The pages for people, and what belongs to them: which address shows what. Whoever serves them turns an error into a problem.

import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';
import type { Answer, Rendered } from '../rest/answer.js';
import { Problem } from '../rest/problem.js';
import { answerAsset, assetNames } from './assets.js';
import { docsPage, type ShownDocument } from './docs-page.js';
import { answerPage, type Page } from './page.js';
import { allProblemKinds, problemKind, problemPage, problemsPage } from './problem-pages.js';
import { type PlatformFacts, startPage } from './start-page.js';

export interface PageRequest {
  readonly params: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/** An address and what it answers to GET. */
export interface Place {
  readonly path: string;
  /** @throws Problem */
  readonly answer: (request: PageRequest) => Answer | Rendered;
}

export interface Pages {
  readonly version: string;
  readonly logId: string;
  readonly facts: PlatformFacts;
  /** The OpenAPI document. */
  readonly document: () => object;
}

/** For programs, unless the caller would rather have a page. */
function negotiated(headers: IncomingHttpHeaders, body: unknown, page: () => Page): Answer | Rendered {
  const [type] = new Negotiator({ headers }).mediaTypes(['application/json', 'text/html']);
  if (type === undefined) throw new Problem('not-acceptable', 'Answers are application/json or text/html.');
  return type === 'text/html' ? answerPage(page()) : { status: 200, headers: { 'Cache-Control': 'no-cache' }, body };
}

/** The Host has been admitted, and is escaped like everything else. */
const urlOf = ({ headers }: PageRequest): string => `http://${headers.host ?? 'localhost:8080'}`;

/** All of them. */
export function pagesOf({ version, logId, facts, document }: Pages): readonly Place[] {
  const base = '/api/v1';
  return [
    { path: '/', answer: (request) => answerPage(startPage({ version, logId, url: urlOf(request), ...facts })) },
    // The document is our own, made by the generator: its shape is known.
    { path: `${base}/docs`, answer: (request) => answerPage(docsPage(document() as ShownDocument, urlOf(request))) },
    {
      path: `${base}/problems`,
      answer: ({ headers }) => negotiated(headers, { data: allProblemKinds() }, () => problemsPage(version)),
    },
    {
      path: `${base}/problems/:code`,
      answer: ({ params, headers }) => {
        const kind = problemKind(String(params.code));
        if (kind === null) throw new Problem('not-found', 'There is no problem with this code: /api/v1/problems lists all.');
        return negotiated(headers, kind, () => problemPage(kind, version));
      },
    },
    ...assetNames.map((name) => ({ path: `/assets/${name}`, answer: () => answerAsset(name) })),
  ];
}
