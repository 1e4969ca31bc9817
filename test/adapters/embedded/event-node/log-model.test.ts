// The log against a model: whatever is appended, limited, tombstoned, scavenged and restarted, what must be there is there, where it was.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followMetadata } from '../../../../src/adapters/embedded/event-node/metadata-streams.js';
import { type OpenLog, openFolder } from '../../../../src/adapters/embedded/event-node/open-log.js';
import { readStored } from '../../../../src/adapters/embedded/event-node/stored-event.js';
import { proposed } from './proposed.js';

const stream = fc.integer({ min: 0, max: 5 });
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('append' as const), stream, events: fc.integer({ min: 1, max: 6 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('limit' as const),
        stream,
        limits: fc.oneof(
          fc.record({ $maxCount: fc.integer({ min: 1, max: 8 }) }),
          fc.record({ $tb: fc.integer({ min: 0, max: 20 }) }),
          fc.constant({}),
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('tombstone' as const), stream }) },
    { weight: 2, arbitrary: fc.constant({ do: 'scavenge' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('restart' as const), readWhole: fc.boolean(), forgetIndexFiles: fc.boolean() }),
    },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

interface Expected {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly text: string;
}

/** What has been written, and which of it a scavenge must have removed and may have removed. */
class Model {
  readonly written: Expected[] = [];
  readonly limits = new Map<string, { readonly $maxCount?: number; readonly $tb?: number }>();
  readonly tombstoned = new Set<string>();
  /** For each stream the first revision that the last scavenge left. */
  readonly cut = new Map<string, number>();

  next(name: string): number {
    return this.written.filter((event) => event.stream === name).length;
  }

  scavenge(): void {
    for (const name of new Set(this.written.map((event) => event.stream))) {
      const last = this.next(name) - 1;
      const { $maxCount, $tb = 0 } = this.limits.get(name) ?? {};
      const keepsOne = this.tombstoned.has(name) || name.startsWith('$$');
      const first = keepsOne ? last : Math.max($tb, $maxCount === undefined ? 0 : last + 1 - $maxCount);
      this.cut.set(name, Math.max(this.cut.get(name) ?? 0, Math.min(first, last)));
    }
  }

  get kept(): Expected[] {
    return this.written.filter((event) => event.revision >= (this.cut.get(event.stream) ?? 0));
  }
}

async function open(folder: string, readWholeBytes: number): Promise<OpenLog> {
  const said: string[] = [];
  const log = await openFolder(folder, 0, { segmentBytes: 1500, readWholeBytes, log: (line) => said.push(line) });
  followMetadata(log.journal);
  expect(said).toEqual([]);
  return log;
}

async function append(log: OpenLog, model: Model, name: string, texts: readonly string[], isTombstone = false): Promise<void> {
  const { journal } = log;
  const events = texts.map((text) => proposed(text));
  const [first] = events;
  if (first === undefined) return;
  const entry = isTombstone ? journal.tombstone(Buffer.from(name), first) : journal.append(Buffer.from(name), events);
  const from = model.next(name);
  for (const [i, text] of texts.entries()) {
    const position = journal.index.positionOf(entry.ordinalAt(from + i));
    model.written.push({ stream: name, revision: from + i, position, text });
  }
  await new Promise<void>((resolve) => journal.whenSettled(() => resolve()));
}

/** Everything that the log holds, by the whole log and by its streams. */
async function contents({ journal }: OpenLog): Promise<{ readonly all: Expected[]; readonly byStream: Expected[] }> {
  const { index } = journal;
  const read = async (ordinals: readonly number[]): Promise<Expected[]> =>
    (await journal.load(ordinals)).map((stored, i) => {
      const { stream: name, data } = readStored(stored);
      const ordinal = ordinals[i] ?? -1;
      return { stream: name, revision: index.revisionOf(ordinal), position: index.positionOf(ordinal), text: data.toString() };
    });
  const ordinals = Array.from({ length: index.visible }, (_, ordinal) => ordinal).filter((n) => index.streamNumberOf(n) >= 0);
  const byStream: Expected[] = [];
  for (let number = 0; number < index.names.count; number++) {
    const entry = index.entryOf(number);
    const length = entry.visible - entry.first;
    byStream.push(...(await read(Array.from({ length }, (_, i) => entry.ordinalAt(entry.first + i)))));
  }
  return { all: await read(ordinals), byStream: byStream.sort((a, b) => a.position - b.position) };
}

describe('the log', () => {
  it('holds what its streams keep, at the same positions and revisions, through scavenges and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const folder = await mkdtemp(join(tmpdir(), 'event-node-'));
        const model = new Model();
        let log = await open(folder, 0);
        try {
          for (const [n, step] of script.entries()) {
            const name = 'stream' in step ? `stream-${step.stream}` : '';
            if (step.do !== 'scavenge' && step.do !== 'restart' && model.tombstoned.has(name)) continue;
            if (step.do === 'append')
              await append(
                log,
                model,
                name,
                Array.from({ length: step.events }, (_, i) => `${n}.${i} ${'x'.repeat((n * 37) % 300)}`),
              );
            else if (step.do === 'limit') {
              await append(log, model, `$$${name}`, [JSON.stringify(step.limits)]);
              model.limits.set(name, step.limits);
            } else if (step.do === 'tombstone') {
              await append(log, model, name, ['gone'], true);
              model.tombstoned.add(name);
            } else if (step.do === 'scavenge') {
              await log.scavenge();
              model.scavenge();
            } else {
              await log.close();
              if (step.forgetIndexFiles)
                for (const file of await readdir(folder)) if (file.endsWith('.idx')) await rm(join(folder, file));
              log = await open(folder, step.readWhole ? 1e9 : 0);
            }
          }
          const { all, byStream } = await contents(log);
          expect(all).toEqual(model.kept);
          expect(byStream).toEqual(model.kept);
          for (const name of model.tombstoned) expect(log.journal.index.find(name)?.tombstone).toBe('visible');
        } finally {
          await log.close();
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 15 },
    );
  }, 240_000);
});
