import { describe, expect, it } from 'vitest';
import { fromStripeAmount, toStripeAmount } from '../../../src/adapters/payments/amounts.js';

describe('amounts', () => {
  it.each([
    ['GBP', 1980, 1980],
    ['JPY', 500, 500],
    ['KWD', 1230, 1230],
    ['ISK', 500, 50_000],
    ['UGX', 500, 50_000],
    ['MGA', 500, 5],
  ])('of %s: %i minor units are %i for Stripe, and back', (currency, minorUnits, stripe) => {
    expect(toStripeAmount(minorUnits, currency)).toBe(stripe);
    expect(fromStripeAmount(stripe, currency.toLowerCase())).toBe(minorUnits);
  });

  it('that Stripe cannot charge exactly are refused', () => expect(() => toStripeAmount(505, 'MGA')).toThrow(/whole number/));
});
