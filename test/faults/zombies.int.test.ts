// A process is frozen at every point, as a machine that swaps or a long pause of its memory would do it; a successor takes over and ends
// the order; then the first goes on as if nothing had been, with a lease that is not its own any more.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign, momentary, type Tally } from './campaign.js';
import { scenarios } from './scenarios.js';
import { table } from './table.js';
import { World } from './world.js';

let worlds: World[];
const tallies: Tally[] = [];
beforeAll(async () => {
  worlds = await Promise.all(Array.from({ length: 6 }, () => World.begin()));
});
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  const rows = tallies.map(({ scenario, points, stopped }) => [scenario, points, stopped]);
  console.log(table(['scenario', 'points', 'zombies'], rows));
});

describe('a zombie of the process manager beside its successor, from every point on', () => {
  it.each(scenarios)('changes nothing about the end: $name', { timeout: 120_000 }, async (scenario) => {
    const tally = await campaign(worlds, scenario, 'freeze');
    tallies.push(tally);
    expect(tally.missed.filter((point) => !momentary.test(point))).toEqual([]);
  });
});
