// The test payment methods that the simulator knows, and how a bank behaves towards each. Another behaviour is another row.

export interface Decline {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
}

export interface Method {
  readonly last4: string;
  /** What the bank says when the payment is confirmed; `null` grants it. */
  readonly declines: Decline | null;
}

const declined = (declineCode: string, message: string): Decline => ({ code: 'card_declined', declineCode, message });

/** Names, codes and card numbers are those of Stripe's test mode (docs.stripe.com/testing). */
export const methods: ReadonlyMap<string, Method> = new Map([
  ['pm_card_visa', { last4: '4242', declines: null }],
  ['pm_card_visa_chargeDeclined', { last4: '0002', declines: declined('generic_decline', 'Your card was declined.') }],
  [
    'pm_card_visa_chargeDeclinedInsufficientFunds',
    { last4: '9995', declines: declined('insufficient_funds', 'Your card has insufficient funds.') },
  ],
]);
