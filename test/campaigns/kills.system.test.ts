import { describe, expect, it } from 'vitest';
import { killCampaign } from './kill-campaign.js';

describe('the whole platform', { timeout: 600_000 }, () => {
  it('killed -9 five times under load: every acknowledged order settles, charges equal captured orders, stock adds up', async () => {
    const figures = await killCampaign({ kills: 5 });
    console.log(figures);
    expect(figures.acknowledged).toBe(figures.asked);
    expect(figures.confirmed).toBeGreaterThan(0);
    expect(figures.cancelled).toBeGreaterThan(0);
    const { lost, doubled, unsettled, doubleCharges, wrongMoney, oversold, misreserved } = figures;
    expect({ lost, doubled, unsettled, doubleCharges, wrongMoney, oversold, misreserved }).toEqual({
      lost: 0,
      doubled: 0,
      unsettled: 0,
      doubleCharges: 0,
      wrongMoney: 0,
      oversold: 0,
      misreserved: 0,
    });
  });
});
