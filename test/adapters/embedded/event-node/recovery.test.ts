// What a node finds when it starts: torn tails are cut and said, damage is refused, and everything else is there again.

import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJournal, type Journal } from '../../../../src/adapters/embedded/event-node/journal.js';
import { createLogIndex, type LogIndex } from '../../../../src/adapters/embedded/event-node/log-index.js';
import { recover } from '../../../../src/adapters/embedded/event-node/recovery.js';
import { segmentMedium } from '../../../../src/adapters/embedded/event-node/segments.js';
import { readStored } from '../../../../src/adapters/embedded/event-node/stored-event.js';
import { Corrupt } from '../../../../src/domain/log/errors.js';
import { settled } from './log-folder.js';
import { proposed } from './proposed.js';

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-node-'));
  said = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface OpenLog {
  readonly index: LogIndex;
  readonly journal: Journal;
}

async function openLog(segmentBytes = 1e9): Promise<OpenLog> {
  const index = createLogIndex();
  const log = (line: string) => void said.push(line);
  const { segments, position } = await recover(folder, index, {
    log,
    readWholeBytes: Number.POSITIVE_INFINITY,
  });
  const segment = segments.at(-1)?.base ?? 0;
  return {
    index,
    journal: createJournal({ index, medium: segmentMedium(folder, segments), position, segment, segmentBytes, log }),
  };
}

/** Appends one frame a text, all in one write, and waits until it is durable. */
async function note({ journal }: OpenLog, stream: string, ...texts: string[]): Promise<void> {
  for (const text of texts) journal.append(Buffer.from(stream), [proposed(JSON.stringify(text))]);
  await settled({ journal });
}

async function contents({ index, journal }: OpenLog): Promise<string[]> {
  const stored = await journal.load(Array.from({ length: index.visible }, (_, ordinal) => ordinal));
  return stored.map((bytes) => `${readStored(bytes).stream}: ${JSON.parse(readStored(bytes).data.toString())}`);
}

const segmentNames = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.segment')).toSorted();
const segmentPath = async (which: number): Promise<string> => join(folder, (await segmentNames()).at(which) ?? 'none');

/** Changes one byte in the middle of a text that the log holds. */
async function damage(path: string, text: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.indexOf(JSON.stringify(text));
  expect(at).toBeGreaterThan(0);
  bytes[at + 2] = (bytes[at + 2] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function write(...rounds: string[][]): Promise<void> {
  const log = await openLog();
  for (const texts of rounds) await note(log, 'notes', ...texts);
  await log.journal.close();
}

async function reopened(segmentBytes?: number): Promise<string[]> {
  const log = await openLog(segmentBytes);
  const found = await contents(log);
  await log.journal.close();
  return found;
}

describe('a node that starts again', () => {
  it('finds every event, in order, at the same positions and revisions', async () => {
    const before = await openLog();
    await note(before, 'order-1', 'a', 'b');
    await note(before, 'order-2', 'c');
    await note(before, 'order-1', 'd');
    const positions = [0, 1, 2, 3].map((ordinal) => before.index.positionOf(ordinal));
    await before.journal.close();
    const after = await openLog();
    expect(await contents(after)).toEqual(['order-1: a', 'order-1: b', 'order-2: c', 'order-1: d']);
    expect([0, 1, 2, 3].map((ordinal) => after.index.positionOf(ordinal))).toEqual(positions);
    expect([0, 1, 2, 3].map((revision) => after.index.find('order-1')?.ordinalAt(revision))).toEqual([0, 1, 3, -1]);
    await note(after, 'order-2', 'e');
    expect(after.index.positionOf(4)).toBeGreaterThan(positions[3] ?? 0);
    await after.journal.close();
    expect(await reopened()).toHaveLength(5);
    expect(said).toEqual([]);
  });

  it('continues over many segments, and reads across them in both directions', async () => {
    const before = await openLog(4096);
    for (let n = 0; n < 40; n++) await note(before, `stream-${n % 3}`, `${n} ${'x'.repeat(300)}`);
    await before.journal.close();
    expect((await segmentNames()).length).toBeGreaterThan(3);
    const after = await openLog(4096);
    expect((await contents(after)).map((text) => text.split(' ')[1])).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    const backwards = await after.journal.load(Array.from({ length: 40 }, (_, n) => 39 - n));
    expect(backwards.map((bytes) => Number.parseInt(JSON.parse(readStored(bytes).data.toString()), 10))).toEqual(
      Array.from({ length: 40 }, (_, n) => 39 - n),
    );
    await after.journal.close();
    for (const name of await segmentNames()) expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(4096 + 16);
  });

  it('reads back more than it keeps in memory', async () => {
    const log = await openLog();
    const padding = 'x'.repeat(100_000);
    for (let n = 0; n < 150; n++) await note(log, 'large', `${n} ${padding}`);
    const texts = await contents(log);
    expect(texts.map((text) => Number.parseInt(text.split(' ')[1] ?? '', 10))).toEqual(Array.from({ length: 150 }, (_, n) => n));
    await log.journal.close();
  });
});

describe('a torn tail', () => {
  it('of any length is cut and said, and the log goes on from there', async () => {
    await write(['a'], ['b']);
    const path = await segmentPath(-1);
    const { size } = await stat(path);
    await write(['c']);
    const whole = await readFile(path);
    for (const kept of [size + 1, size + 3, size + 8, size + 39, size + 41, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, kept));
      said = [];
      expect(await reopened()).toEqual(['notes: a', 'notes: b']);
      expect(said).toEqual([expect.stringContaining(`${kept - size} bytes`)]);
      expect((await stat(path)).size).toBe(size);
    }
    await write(['d']);
    expect(await reopened()).toEqual(['notes: a', 'notes: b', 'notes: d']);
  });

  it('of zeros, as a crashed file system leaves it, is cut', async () => {
    await write(['a']);
    const path = await segmentPath(-1);
    await truncate(path, (await stat(path)).size + 5000);
    expect(await reopened()).toEqual(['notes: a']);
    expect(said).toEqual([expect.stringContaining('5000 bytes')]);
  });

  it('is also a write whose later part reached the disk and whose earlier part did not', async () => {
    await write(['a'], ['b', 'c', 'd']);
    await damage(await segmentPath(-1), 'c');
    expect(await reopened()).toEqual(['notes: a', 'notes: b']);
    expect(said).toEqual([expect.stringContaining('never acknowledged')]);
  });

  it('is a segment that was only being created', async () => {
    const log = await openLog(600);
    await note(log, 'notes', 'a', 'x'.repeat(600), 'b');
    await log.journal.close();
    const last = await segmentPath(-1);
    await truncate(last, 7);
    expect(await reopened(600)).toEqual(['notes: a', `notes: ${'x'.repeat(600)}`]);
    expect(said).toEqual([expect.stringContaining('created again')]);
  });
});

describe('damage is refused', () => {
  it('where an acknowledged write follows what cannot be read', async () => {
    await write(['a'], ['b'], ['c']);
    const path = await segmentPath(-1);
    await damage(path, 'b');
    const { size } = await stat(path);
    await expect(openLog()).rejects.toThrow(Corrupt);
    await expect(openLog()).rejects.toThrow(/damaged at position \d+.*Restore the folder from a backup/);
    expect((await stat(path)).size).toBe(size);
  });

  it('in a segment that is not the last, wherever it is', async () => {
    const log = await openLog(600);
    await note(log, 'notes', 'a', 'x'.repeat(600), 'b');
    await log.journal.close();
    const first = await segmentPath(0);
    const whole = await readFile(first);
    await writeFile(first, whole.subarray(0, whole.length - 1));
    await expect(openLog(600)).rejects.toThrow(Corrupt);
    await damage(await segmentPath(1), 'x'.repeat(600));
    await writeFile(first, whole);
    await expect(openLog(600)).rejects.toThrow(/other segments follow/);
  });

  it.each([0, 1])('where a segment is missing: number %i of three', async (which) => {
    const log = await openLog(600);
    await note(log, 'notes', 'a', 'x'.repeat(600), 'b');
    await log.journal.close();
    await rm(await segmentPath(which));
    await expect(openLog(600)).rejects.toThrow(/a part of the log is missing/);
  });

  it('where a segment is of another format', async () => {
    await write(['a']);
    const path = await segmentPath(0);
    const bytes = await readFile(path);
    bytes.write('PGEVLOG9');
    await writeFile(path, bytes);
    await expect(openLog()).rejects.toThrow(/does not know/);
  });
});
