// The test payment methods that the simulator knows: how a bank behaves towards each, and how the wire does. Another behaviour is
// another row.

/** A bank's no, in the codes of docs.stripe.com/declines/codes. */
export interface Decline {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
}

/** What a refund is answered with, and what becomes of it some time later; `null` leaves it as it is. */
export interface RefundCourse {
  readonly first: 'succeeded' | 'pending';
  readonly later: { readonly status: 'succeeded' | 'failed'; readonly reason: string | null } | null;
}

/** What a request of the API may ask for, and so what the wire may behave differently towards. */
export type ChangeName = 'create' | 'confirm' | 'capture' | 'cancel' | 'refund';
export type QuestionName = 'retrieve' | 'find-refund';

export interface Method {
  readonly last4: string;
  /** What the bank says to a confirmation: it holds the amount, wants to see the customer first, or declines. */
  readonly confirm: 'granted' | 'customer-first' | Decline;
  /** What it says to a capture. A decline is for good; the amount stays held. */
  readonly capture: 'granted' | Decline;
  readonly refund: RefundCourse;
  /** How requests about such an intent travel; each name says which ones. */
  readonly wire: {
    /** Carried out only after a while. */
    readonly slow: readonly ChangeName[];
    /** Carried out for good, but the connection breaks before the answer. Asked again under its key, the answer comes. */
    readonly replyLost: readonly ChangeName[];
    /** For some time after the intent's creation every connection breaks before anything is done, whatever is asked about it. */
    readonly outage: boolean;
  };
}

const soundWire: Method['wire'] = { slow: [], replyLost: [], outage: false };

const ordinary: Method = {
  last4: '4242',
  confirm: 'granted',
  capture: 'granted',
  refund: { first: 'succeeded', later: null },
  wire: soundWire,
};

const declined = (declineCode: string, message: string): Decline => ({ code: 'card_declined', declineCode, message });
const anyDecline = declined('generic_decline', 'Your card was declined.');

/** A row says in what it differs from a card that always works. */
const rows: Readonly<Record<string, Partial<Method>>> = {
  // Names, codes and card numbers of Stripe's test mode (docs.stripe.com/testing).
  pm_card_visa: {},
  pm_card_visa_chargeDeclined: { last4: '0002', confirm: anyDecline },
  pm_card_visa_chargeDeclinedInsufficientFunds: {
    last4: '9995',
    confirm: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  pm_card_authenticationRequired: { last4: '3184', confirm: 'customer-first' },
  pm_card_pendingRefund: { last4: '7726', refund: { first: 'pending', later: { status: 'succeeded', reason: null } } },
  pm_card_refundFail: {
    last4: '5126',
    refund: { first: 'succeeded', later: { status: 'failed', reason: 'expired_or_canceled_card' } },
  },
  // Our own.
  pm_sim_slow: { wire: { ...soundWire, slow: ['confirm'] } },
  // Its creation's reply is lost, too: that leaves an intent whose name nobody knows until the key is asked again.
  pm_sim_reply_lost: { wire: { ...soundWire, replyLost: ['create', 'confirm', 'capture', 'cancel', 'refund'] } },
  pm_sim_capture_fails: { capture: anyDecline },
  pm_sim_outage: { wire: { ...soundWire, outage: true } },
};

const methods: ReadonlyMap<string, Method> = new Map(Object.entries(rows).map(([name, row]) => [name, { ...ordinary, ...row }]));

export const isMethod = (name: string): boolean => methods.has(name);

/** How the method behaves. One that a ledger names and this version no longer knows behaves like any card. */
export const methodOf = (name: string): Method => methods.get(name) ?? ordinary;
