// A process stalls at every point until there is a successor, and goes on at once: two processes are at work on one order, one of them
// with a lease that is not its own any more.

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
  console.log(table(['scenario', 'points', 'stalls'], rows));
});

/** Those in which most is written, and by most hands. */
const busiest = scenarios.filter(({ name }) => /^(confirmed|short|cancelled while (INV|CONF)|payment timeout|shipped)/.test(name));

describe('two processes at work on one order, from every point on', () => {
  it.each(busiest)('do not spoil its end: $name', { timeout: 120_000 }, async (scenario) => {
    const tally = await campaign(worlds, scenario, 'stall');
    tallies.push(tally);
    expect(tally.missed.filter((point) => !momentary.test(point))).toEqual([]);
  });
});
