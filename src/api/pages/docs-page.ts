// The page that browses the OpenAPI document: made from the document alone, so it cannot tell anything else.

import { boundsOf, membersOf, type ShownSchema, typeOf } from './docs-schema.js';
import { type Html, html, inline, paragraphs } from './html.js';
import { command, type Page } from './page.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: ShownSchema;
  readonly example?: unknown;
}
interface Content {
  readonly schema: ShownSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value?: unknown }>>;
}
interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly servers?: readonly unknown[];
}
/** Of the OpenAPI document, what the page shows. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, ShownSchema>>;
    readonly headers: Readonly<Record<string, { readonly description?: string }>>;
  };
}

interface Shown extends Operation {
  readonly method: string;
  readonly path: string;
}

const verb = (method: string): Html => html`<span class="verb ${method}">${method.toUpperCase()}</span>`;

/** A path may be broken after its slashes. */
const breakable = (path: string): Html => html`${path.split('/').map((part, index) => (index === 0 ? part : html`<wbr>/${part}`))}`;

/** What a shell takes as one word, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A command that sends the operation's first example. */
function curlOf({ method, path, parameters = [], requestBody, servers }: Shown, url: string): string {
  const inPath = new Map(parameters.filter((one) => one.in === 'path').map(({ name, example }) => [name, String(example ?? name)]));
  const address = `${url}${servers === undefined ? '/api/v1' : ''}${path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(inPath.get(name) ?? name))}`;
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  const body =
    example === undefined ? '' : ` \\\n  -H 'content-type: application/json' \\\n  -d ${quoted(JSON.stringify(example.value))}`;
  return `curl -s${method === 'get' ? '' : `X ${method.toUpperCase()}`} ${address}${body}`;
}

const parameter = ({ name, in: place, required, description, schema }: Parameter): Html =>
  html`<div><dt><code>${name}</code> <span class="type">${typeOf(schema)}</span> <span class="place">in ${place}</span>${
    required === true ? html` <span class="required">required</span>` : null
  }</dt><dd>${description === undefined ? null : inline(description)} ${boundsOf(schema)}</dd></div>`;

function answer(status: string, { description, headers = {}, content = {} }: Answer): Html {
  const types = Object.entries(content);
  const example = types.map(([, { example }]) => example).find((one) => one !== undefined);
  const problems = Object.keys(content['application/problem+json']?.examples ?? {});
  return html`<details><summary><span class="status s${status.slice(0, 1)}">${status}</span> <span>${inline(description)}</span></summary>
${types.length === 0 ? null : html`<p class="muted">${types.map(([type, { schema }], index) => html`${index === 0 ? '' : ', or '}${typeOf(schema)} as <code>${type}</code>`)}</p>`}
${problems.length === 0 ? null : html`<p>What to do: ${problems.map((code) => html`<a href="/api/v1/problems/${code}">${code}</a> `)}</p>`}
<p class="muted">Headers: ${Object.keys(headers).map((name) => html`<code>${name}</code> `)}</p>
${example === undefined ? null : html`<pre tabindex="0" aria-label="Example of an answer ${status}"><code>${JSON.stringify(example, null, 2)}</code></pre>`}
</details>`;
}

function operation(shown: Shown, url: string): Html {
  const { method, path, operationId, summary, parameters = [], requestBody, responses } = shown;
  const body = requestBody?.content['application/json']?.schema;
  return html`<article class="operation" id="${operationId}" data-words="${`${method} ${path} ${summary} ${operationId}`.toLowerCase()}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="address">${verb(method)} <code>${breakable(path)}</code></p>
${command(curlOf(shown, url), `Command: ${summary}`)}
${parameters.length === 0 ? null : html`<details><summary>Parameters</summary><dl class="members">${parameters.map(parameter)}</dl></details>`}
${body === undefined ? null : html`<details><summary>Body${requestBody?.required === true ? null : html` <span class="muted">may be left out</span>`}</summary>${membersOf(body) ?? typeOf(body)}</details>`}
<h4>Answers</h4>
<div class="answers">${Object.entries(responses).map(([status, one]) => answer(status, one))}</div>
</article>`;
}

/** The page. `url`: how the browser reaches the platform. */
export function docsPage(document: ShownDocument, url: string): Page {
  const { info, tags, paths, components } = document;
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, one]): Shown => ({ ...one, method, path })),
  );
  const groups = tags.map((tag) => ({ ...tag, operations: all.filter((one) => one.tags.includes(tag.name)) }));
  const entry = ({ operationId, method, path, summary }: Shown) =>
    html`<li data-words="${`${method} ${path} ${summary} ${operationId}`.toLowerCase()}"><a href="#${operationId}">${verb(method)} <span>${summary}</span></a></li>`;
  return {
    ...{ title: 'Panglot API', description: 'Every operation of the Panglot API.', version: info.version },
    ...{ here: '/api/v1/docs', script: 'docs.js', layout: 'wide' },
    main: html`<div class="docs">
<aside>
<label class="filter" for="filter">Find an operation<input id="filter" type="search" autocomplete="off" spellcheck="false"></label>
<nav aria-label="Operations">${groups.map(
      ({ name, operations }) =>
        html`<section><h2><a href="#tag-${name}">${name}</a></h2><ul>${operations.map(entry)}</ul></section>`,
    )}<section><h2><a href="#schemas">schemas</a></h2></section></nav>
<p id="none" class="muted" role="status"></p>
</aside>
<div class="content">
<h1>${info.title} API</h1>
<p class="muted">Version ${info.version}. The same for programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<div class="prose">${paragraphs(info.description)}</div>
${groups.map(
  ({ name, description, operations }) =>
    html`<section class="group" id="tag-${name}"><h2>${name}</h2><p class="lead">${inline(description)}</p>${operations.map((one) => operation(one, url))}</section>`,
)}
<section class="group" id="schemas"><h2>schemas</h2>${Object.entries(components.schemas).map(
      ([name, schema]) =>
        html`<article class="operation" id="schema-${name}"><h3><a href="#schema-${name}">${name}</a></h3>${membersOf(schema) ?? typeOf(schema)}</article>`,
    )}</section>
</div>
</div>`,
  };
}
