// Amounts as the platform counts them (minor units of ISO 4217) and as Stripe does. They differ for three currencies
// (docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases").

import { GatewayRefused } from '../../commands/payment-gateway.js';

/** How many of Stripe's units make one of ours. */
const unitsPerMinor: ReadonlyMap<string, number> = new Map([
  ['ISK', 100],
  ['UGX', 100],
  ['MGA', 1 / 100],
]);

/** Stripe's amount. @throws GatewayRefused if Stripe cannot charge that exactly */
export function toStripeAmount(minorUnits: number, currency: string): number {
  const factor = unitsPerMinor.get(currency.toUpperCase());
  if (factor === undefined) return minorUnits;
  const amount = factor < 1 ? minorUnits / Math.round(1 / factor) : minorUnits * factor;
  if (Number.isInteger(amount)) return amount;
  const message = `Stripe charges ${currency} in whole units; ${minorUnits} minor units are not a whole number of them.`;
  throw new GatewayRefused(message, { blame: 'request', code: 'amount_not_representable' });
}

/** Minor units of ISO 4217 from Stripe's amount, which stands beside the currency in every object. */
export function fromStripeAmount(amount: number, currency: string): number {
  const factor = unitsPerMinor.get(currency.toUpperCase());
  if (factor === undefined) return amount;
  return factor < 1 ? amount * Math.round(1 / factor) : amount / factor;
}
