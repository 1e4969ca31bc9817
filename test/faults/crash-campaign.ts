// What the campaigns over all points of all scenarios share: their worlds, their judgement, and the table in the end.

import { afterAll, beforeAll, expect } from 'vitest';
import { campaign, momentary, type Scenario, type Tally } from './campaign.js';
import { table } from './table.js';
import { World } from './world.js';

/** Makes worlds for the file that calls it; what comes back stops the process in this way at every point, and misses none. */
export function campaignsThat(stop: Parameters<typeof campaign>[2], column: string): (scenario: Scenario) => Promise<void> {
  let worlds: World[];
  const tallies: Tally[] = [];
  beforeAll(async () => {
    worlds = await Promise.all(Array.from({ length: 6 }, () => World.begin()));
  });
  afterAll(async () => {
    await Promise.all(worlds.map((world) => world.close()));
    const rows = tallies.map(({ scenario, points, stopped }) => [scenario, points, stopped]);
    console.log(table(['scenario', 'points', column], rows));
  });
  return async (scenario) => {
    const tally = await campaign(worlds, scenario, stop);
    tallies.push(tally);
    expect(tally.missed.filter((point) => !momentary.test(point))).toEqual([]);
  };
}
