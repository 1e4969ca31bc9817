import { afterEach, beforeEach, expect, it } from 'vitest';
import { listen } from '../../../src/adapters/postgres/listen.js';
import { readModels } from '../../../src/projections/read-models.js';
import { checkpointChannel, readAnnouncement } from '../../../src/projections/runtime/announcement.js';
import { watchCheckpoints } from '../../../src/projections/runtime/checkpoint-watch.js';
import { createProgress } from '../../../src/projections/runtime/progress.js';
import { received } from '../story.js';
import { type Surroundings, surroundings } from '../surroundings.js';

let around: Surroundings;
beforeEach(async () => {
  around = await surroundings();
});
afterEach(() => around.close());

const names = readModels.map(({ name }) => name);
const log = { info: () => {}, warn: () => {}, error: () => {} };
const hour = 3_600_000;

it('a process without a projector hears what another process has projected, at once', async () => {
  const progress = createProgress();
  const watch = watchCheckpoints({ checkpoints: around.checkpoints, names, onAdvance: progress.advanced, everyMs: hour, log });
  const listener = await listen({ url: around.url, channel: checkpointChannel, onMessage: watch.announced });
  around.start();
  const position = await around.append([received('22465', 1)]);
  for (const name of names) expect(await progress.waitFor(name, position, 20_000)).toBe(true);
  await listener.close();
  await watch.close();
});

it('finds out by itself what it did not hear', async () => {
  around.start();
  const before = await around.append([received('22465', 1)]);
  await around.shown(before);
  const progress = createProgress();
  const watch = watchCheckpoints({ checkpoints: around.checkpoints, names, onAdvance: progress.advanced, everyMs: 20, log });
  expect(await progress.waitFor('stock', before, 20_000)).toBe(true);
  const after = await around.append([received('22465', 1)]);
  expect(await progress.waitFor('stock', after, 20_000)).toBe(true);
  await watch.close();
});

it('passes over an announcement that is none', () => {
  for (const payload of ['', '{', '{}', '{"names":["stock"],"position":"-1"}', '{"names":["stock"],"position":5}'])
    expect(readAnnouncement(payload)).toBeNull();
});
