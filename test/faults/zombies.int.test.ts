// A process is frozen at every point, as a machine that swaps or a long pause of its memory would do it; a successor takes over and ends
// the order; then the first goes on as if nothing had been, with a lease that is not its own any more.

import { describe, it } from 'vitest';
import { campaignsThat } from './crash-campaign.js';
import { scenarios } from './scenarios.js';

const endsRight = campaignsThat('freeze', 'zombies');

describe('a zombie of the process manager beside its successor, from every point on', () => {
  it.each(scenarios)('changes nothing about the end: $name', { timeout: 120_000 }, endsRight);
});
