// The files that the pages are made of beside their HTML: read once, from beside this module, in src/ and in dist/ alike.

import { readFileSync } from 'node:fs';
import type { Rendered } from '../rest/answer.js';

const types = {
  'style.css': 'text/css; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
  'docs.js': 'text/javascript; charset=utf-8',
  'copy.js': 'text/javascript; charset=utf-8',
  'mark.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof types;

export const assetNames = Object.keys(types) as readonly AssetName[];

const kept = new Map<AssetName, string>();

function textOf(name: AssetName): string {
  let text = kept.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`static/${name}`, import.meta.url), 'utf8');
    kept.set(name, text);
  }
  return text;
}

/** The file as it is sent. */
export const answerAsset = (name: AssetName): Rendered => ({
  status: 200,
  headers: { 'Content-Type': types[name], 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' },
  text: textOf(name),
});
