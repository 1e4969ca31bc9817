// Events as older versions of the platform wrote them, byte for byte, and what is read from them now. A file here stays for good: the logs
// that hold such events do.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../../src/domain/event-catalogue.js';
import { decode } from '../../../src/domain/log/codec.js';

interface Golden {
  /** Data and metadata as the text that stands in the log. */
  readonly stored: { readonly type: string; readonly data: string; readonly metadata: string };
  /** The data at the current version. */
  readonly now: unknown;
}

const folder = join(import.meta.dirname, 'golden');
const names = readdirSync(folder);
const bytes = (text: string) => new TextEncoder().encode(text);

/** `{type}.v{n}.json` for every version that was ever written and is not the current one. */
const owed = [...eventTypes].flatMap(([type, { version }]) =>
  Array.from({ length: version - 1 }, (_, index) => `${type}.v${index + 1}.json`),
);

describe('events of older versions', () => {
  it('have a golden file for each version of each type, and there is no other file', () =>
    expect([...names].sort()).toEqual([...owed].sort()));

  it.each(names)('are read at the current version: %s', (name) => {
    const golden: Golden = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { type, data, metadata } = golden.stored;
    const [, named, version] = /^(.+)\.v(\d+)\.json$/.exec(name) ?? [];
    expect([type, JSON.parse(metadata).schemaVersion]).toEqual([named, Number(version)]);
    const recorded = decode({
      id: '01985c5e-0000-5000-8000-000000000009',
      type,
      data: bytes(data),
      metadata: bytes(metadata),
      stream: 'order-1',
      revision: 0,
      position: 0n,
      created: new Date(0),
    });
    expect(recorded.event).toEqual({ type, data: golden.now });
  });
});
