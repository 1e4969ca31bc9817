// A log in a folder, below the wire: what tests write into it, and what they find.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { followMetadata } from '../../../../src/adapters/embedded/event-node/metadata-streams.js';
import { type OpenLog, openFolder } from '../../../../src/adapters/embedded/event-node/open-log.js';
import { readStored } from '../../../../src/adapters/embedded/event-node/stored-event.js';
import { proposed } from './proposed.js';

/** A folder that is gone after the test. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'event-node-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the log with segments of so many bytes, relying on index files where there are any. */
export async function openLog(folder: string, segmentBytes: number, said: string[] = [], readWholeBytes = 0): Promise<OpenLog> {
  const log = await openFolder(folder, 0, { segmentBytes, readWholeBytes, log: (line) => said.push(line) });
  followMetadata(log.journal);
  return log;
}

/** Appends an event a text to a stream, in one frame, and waits until it is durable. */
export async function note({ journal }: OpenLog, stream: string, ...texts: string[]): Promise<void> {
  journal.append(
    Buffer.from(stream),
    texts.map((text) => proposed(text)),
  );
  await settled({ journal });
}

export const settled = ({ journal }: Pick<OpenLog, 'journal'>): Promise<void> =>
  new Promise((resolve, reject) =>
    journal.whenSettled((failure) => (failure === undefined ? resolve() : reject(new Error(failure)))),
  );

/** Every event that is left, as `stream@revision: text`, in log order. */
export async function contents({ journal }: OpenLog): Promise<string[]> {
  const { index } = journal;
  const ordinals = Array.from({ length: index.visible }, (_, ordinal) => ordinal).filter((n) => index.streamNumberOf(n) >= 0);
  const stored = await journal.load(ordinals);
  return stored.map((bytes, i) => {
    const { stream, data } = readStored(bytes);
    return `${stream}@${index.revisionOf(ordinals[i] ?? -1)}: ${data.toString()}`;
  });
}

export const filesOf = async (folder: string, suffix: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();

/** Resolves when every complete segment has its index file: a log that closes leaves those to the next start that it has not begun. */
export async function indexed(folder: string): Promise<void> {
  await vi.waitUntil(async () => (await filesOf(folder, '.idx')).length === (await filesOf(folder, '.segment')).length - 1, {
    timeout: 20_000,
  });
}

/** Changes one byte in the middle of a text that a file holds. */
export async function damage(path: string, text: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`${path} does not hold ${text}.`);
  bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
