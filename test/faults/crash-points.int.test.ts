// Each call of the process manager to a port, before it and after it, is a point; at each the process is killed, and a successor that
// knows nothing ends the order.

import { describe, it } from 'vitest';
import { campaignsThat } from './crash-campaign.js';
import { scenarios } from './scenarios.js';

const endsRight = campaignsThat('kill', 'kills');

describe('the process manager, killed at every point', () => {
  it.each(scenarios)('ends the order right: $name', { timeout: 120_000 }, endsRight);
});
