// Each call of the process manager to a port, before it and after it, is a point; at each the process is killed, and a successor that
// knows nothing ends the order.

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
  console.log(table(['scenario', 'points', 'kills'], rows));
});

describe('the process manager, killed at every point', () => {
  it.each(scenarios)('ends the order right: $name', { timeout: 120_000 }, async (scenario) => {
    const tally = await campaign(worlds, scenario, 'kill');
    tallies.push(tally);
    expect(tally.missed.filter((point) => !momentary.test(point))).toEqual([]);
  });
});
