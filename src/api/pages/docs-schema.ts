// Schemas of the OpenAPI document as lists of members, for the page that browses it.

import { type Html, html, inline } from './html.js';

/** Of JSON Schema, what our document uses. */
export interface ShownSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, ShownSchema>>;
  readonly required?: readonly string[];
  readonly items?: ShownSchema;
  readonly anyOf?: readonly ShownSchema[];
  readonly additionalProperties?: unknown;
}

const nameIn = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** What kind of value it is, in a few words; resources by a link to where they are told. */
export function typeOf(schema: ShownSchema): Html {
  const { $ref, anyOf, items, type = 'any', format } = schema;
  if ($ref !== undefined) return html`<a href="#schema-${nameIn($ref)}">${nameIn($ref)}</a>`;
  if (anyOf !== undefined) return html`${anyOf.map((one, index) => html`${index === 0 ? '' : ' or '}${typeOf(one)}`)}`;
  const types = typeof type === 'string' ? [type] : type;
  const orNull = types.includes('null') ? ' or null' : '';
  if (items !== undefined) return html`list of ${typeOf(items)}${orNull}`;
  const named = types.filter((one) => one !== 'null').join(' or ');
  return html`${named === 'string' && format !== undefined ? format : named}${orNull}`;
}

/** The bounds of a value, in a few words. */
export function boundsOf(schema: ShownSchema): Html | null {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems } = schema;
  const { pattern, default: fallback, enum: values } = schema;
  const range = (low: number | undefined, high: number | undefined, unit: string): string[] => {
    const most = high === undefined || high >= Number.MAX_SAFE_INTEGER ? undefined : high;
    if (low === undefined || low <= Number.MIN_SAFE_INTEGER) return most === undefined ? [] : [`at most ${most}${unit}`];
    return [most === undefined ? `at least ${low}${unit}` : `${low} to ${most}${unit}`];
  };
  const words = [
    ...range(exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 1, maximum, ''),
    ...range(minLength, maxLength, ' characters'),
    ...range(minItems, maxItems, ' entries'),
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
  ].join(', ');
  const one = values === undefined ? null : html`one of ${values.map((value) => html`<code>${String(value)}</code> `)}`;
  const form = pattern === undefined ? null : html`<code class="pattern">${pattern}</code>`;
  return words === '' && one === null && form === null ? null : html`<span class="bounds">${words} ${one}${form}</span>`;
}

/** The members of an object, those of inner objects and lists below them. */
export function membersOf(schema: ShownSchema): Html | null {
  const { properties, required = [], items } = schema;
  if (properties === undefined) return items === undefined ? null : membersOf(items);
  return html`<dl class="members">${Object.entries(properties).map(
    ([name, member]) =>
      html`<div><dt><code>${name}</code> <span class="type">${typeOf(member)}</span>${
        required.includes(name) ? html` <span class="required">required</span>` : null
      }</dt><dd>${member.description === undefined ? null : inline(member.description)} ${boundsOf(member)}${membersOf(member)}</dd></div>`,
  )}</dl>`;
}
