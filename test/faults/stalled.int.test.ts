// A process stalls at every point until there is a successor, and goes on at once: two processes are at work on one order, one of them
// with a lease that is not its own any more.

import { describe, it } from 'vitest';
import { campaignsThat } from './crash-campaign.js';
import { scenarios } from './scenarios.js';

const endsRight = campaignsThat('stall', 'stalls');

/** Those in which most is written, and by most hands. */
const busiest = scenarios.filter(({ name }) => /^(confirmed|short|cancelled while (INV|CONF)|payment timeout|shipped)/.test(name));

describe('two processes at work on one order, from every point on', () => {
  it.each(busiest)('do not spoil its end: $name', { timeout: 120_000 }, endsRight);
});
