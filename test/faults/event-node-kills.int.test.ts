// The short form of the kill campaign; the long one is `npm run faults:event-node`.

import { describe, expect, it } from 'vitest';
import { killEventNodes } from './event-node-kills.js';

describe('an event node that is killed at any moment', () => {
  it('loses nothing that it acknowledged, leaves no gap and no half batch, and moves nothing', async () => {
    const report = await killEventNodes({ kills: 10, seed: Date.now() % 1e6, killsALog: 5 });
    expect(report).toMatchObject({ lost: 0, gaps: 0, halfBatches: 0, disorder: 0, moved: 0, refused: [] });
    expect(report.acknowledged).toBeGreaterThan(100);
  }, 180_000);
});
