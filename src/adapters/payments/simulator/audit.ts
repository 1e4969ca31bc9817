// What the simulator shows of its ledger outside Stripe's API: for tests and auditors, who compare it with what the platform believes.
// Read only.

import { type Intent, refunded } from './intent.js';

/** One line of `GET /ledger`. Amounts are in the gateway's minor units. */
function line(intent: Intent): object {
  const { id, status, metadata, amount, captured, createdAt } = intent;
  const currency = intent.currency.toUpperCase();
  const refunds = intent.refunds.map(({ id, status, amount, metadata }) => ({ id, status, amount, metadata }));
  const charged = intent.authorizedAt !== null;
  return {
    intentId: id,
    status,
    charged,
    metadata,
    currency,
    amount,
    captured,
    refunded: refunded(intent),
    refunds,
    createdAt: new Date(createdAt).toISOString(),
  };
}

/** Every intent as NDJSON, in the order in which they were made, in pieces of about 100 lines. */
export function* ledgerLines(intents: Iterable<Intent>): Generator<string> {
  let piece = '';
  let count = 0;
  for (const intent of intents) {
    piece += `${JSON.stringify(line(intent))}\n`;
    if (++count % 100 !== 0) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

interface Totals {
  intents: number;
  /** Intents that a bank granted, and those that it did not: declined, or not authenticated. */
  charges: number;
  declined: number;
  /** Amounts: held now, taken, given back after that (or on its way), and given back instead of it. */
  held: number;
  captured: number;
  refunded: number;
  voided: number;
}

/** What `GET /ledger/summary` answers: counts and amounts by currency. */
export function summarize(intents: Iterable<Intent>): { currencies: Record<string, Totals> } {
  const currencies: Record<string, Totals> = {};
  for (const intent of intents) {
    const currency = intent.currency.toUpperCase();
    currencies[currency] ??= { intents: 0, charges: 0, declined: 0, held: 0, captured: 0, refunded: 0, voided: 0 };
    const totals = currencies[currency];
    const charged = intent.authorizedAt !== null;
    totals.intents += 1;
    totals.charges += charged ? 1 : 0;
    totals.declined += intent.failure === null ? 0 : 1;
    totals.held += intent.status === 'requires_capture' ? intent.amount : 0;
    totals.captured += intent.captured;
    totals.refunded += refunded(intent);
    totals.voided += charged && intent.status === 'canceled' ? intent.amount : 0;
  }
  return { currencies };
}
