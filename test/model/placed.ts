// The orders of a run: any of any kind, and those that are made for one moment at which a cancellation or a deadline races something. Chance
// alone would meet some of these moments too seldom.

import fc from 'fast-check';
import type { Bank } from './gateway.js';
import type { Placed } from './saga.js';

const skus = ['A', 'B', 'C'] as const;
const onHand = 9;
/** What is on hand when a run begins. */
export const opening: ReadonlyMap<string, number> = new Map(skus.map((sku) => [sku, onHand]));
/** Of one SKU: more than there is. */
export const tooMany = onHand + 1;
export const good: Bank = { confirms: 'at once', captures: true, cancelsPending: true, expires: false, refunds: [] };

const refunds = fc.array(fc.constantFrom('succeeds', 'succeeds later', 'fails', 'fails later'), { maxLength: 2, size: 'max' });
const anyBank: fc.Arbitrary<Bank> = fc.record({
  confirms: fc.constantFrom('at once', 'at once', 'later', 'later', 'declines', 'declines later', 'never', 'refuses the request'),
  captures: fc.boolean(),
  cancelsPending: fc.boolean(),
  expires: fc.boolean(),
  refunds,
});
const line = fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 4 }) });
const fewLines = fc.array(line, { minLength: 1, maxLength: 3 });

/** The moments at which customers cancel: how order, payment and reservation stand, and what the cancellation races then. */
export const moments = {
  'the start': 'CREATED/NONE/NONE',
  'the request of the payment': 'PENDING_PAYMENT/NONE',
  'the making of the intent': 'PENDING_PAYMENT/REQUESTED',
  'the authorisation': 'PENDING_PAYMENT/CREATED',
  'the word of the authorisation': 'PENDING_PAYMENT/AUTHORIZED',
  'the word of a decline': 'PENDING_PAYMENT/FAILED',
  'the void after a timeout': 'PENDING_PAYMENT c by the system',
  'the request of the reservation': 'PAYMENT_AUTHORIZED/AUTHORIZED/NONE',
  'the reservation': 'PAYMENT_AUTHORIZED/AUTHORIZED/REQUESTED',
  'the word of the reservation': 'PAYMENT_AUTHORIZED/AUTHORIZED/RESERVED',
  'the word of a shortage': 'PAYMENT_AUTHORIZED/AUTHORIZED/FAILED',
  'the void after a shortage': 'PAYMENT_AUTHORIZED c by the system',
  'the release after a shortage': 'PAYMENT_VOIDED c by the system',
  'the request of the capture': 'INVENTORY_RESERVED/AUTHORIZED',
  'the capture': 'INVENTORY_RESERVED/CAPTURING',
  'the word of the capture': 'INVENTORY_RESERVED/CAPTURED',
  'the void of reserved stock': 'INVENTORY_RESERVED c by the system',
  'shipping, before it': 'CONFIRMED/CAPTURED/RESERVED',
  'shipping, after it': 'SHIPPED',
} as const;

/** The moments at which one of an order's deadlines passes. */
const late = {
  'the making of the intent': 'PENDING_PAYMENT/REQUESTED',
  'the authorisation': 'PENDING_PAYMENT/CREATED',
  'the word of the authorisation': 'PENDING_PAYMENT/AUTHORIZED',
  'the reservation': 'PAYMENT_AUTHORIZED/AUTHORIZED',
  'the request of the capture': 'INVENTORY_RESERVED/AUTHORIZED',
  'the capture': 'INVENTORY_RESERVED/CAPTURING',
  'the word of the capture': 'INVENTORY_RESERVED/CAPTURED',
} as const;

const someLines = [{ sku: 'A', quantity: 1 }];
const shortLines = [{ sku: 'B', quantity: tooMany }, ...someLines];

/** What it takes to come to each moment, other than an order that goes its way. */
const made: { readonly [Moment in keyof typeof moments]?: Partial<Placed> } = {
  'the word of a decline': { bank: { ...good, confirms: 'declines' } },
  'the void after a timeout': { overdueWhen: late['the authorisation'] },
  'the word of a shortage': { lines: shortLines },
  'the void after a shortage': { lines: shortLines },
  'the release after a shortage': { lines: shortLines },
  'the void of reserved stock': { overdueWhen: late['the request of the capture'] },
};

const usual: Placed = { bank: good, cancelledWhen: null, overdueWhen: null, lines: someLines };
const stories: readonly Placed[] = [
  ...Object.entries(moments).map(([moment, cancelledWhen]) => ({
    ...usual,
    ...made[moment as keyof typeof moments],
    cancelledWhen,
  })),
  ...Object.values(late).map((overdueWhen) => ({ ...usual, overdueWhen })),
  { ...usual, bank: { ...good, captures: false } },
  { ...usual, bank: { ...good, captures: false }, cancelledWhen: moments['the capture'] },
  { ...usual, bank: { ...good, captures: false }, overdueWhen: late['the capture'] },
  { ...usual, bank: { ...good, expires: true }, overdueWhen: late['the reservation'] },
  { ...usual, bank: { ...good, expires: true }, overdueWhen: late['the request of the capture'] },
];

/** Made for a moment, but for the bank's refunds. */
const story = fc
  .tuple(fc.constantFrom(...stories), refunds)
  .map(([placed, refunds]) => ({ ...placed, bank: { ...placed.bank, refunds } }));
const any: fc.Arbitrary<Placed> = fc.record({
  bank: anyBank,
  cancelledWhen: fc.option(fc.constantFrom(...Object.values(moments)), { freq: 3 }),
  overdueWhen: fc.option(fc.constantFrom(...Object.values(late)), { freq: 1 }),
  lines: fewLines,
});

export const placed: fc.Arbitrary<Placed> = fc.oneof({ weight: 1, arbitrary: any }, { weight: 2, arbitrary: story });
