// The closing summary of a demo, as data: how its orders ended, the money, the pace. How it reads is summary-text.ts.

import { type Refusal, settledAt } from '../client/answers.js';
import type { Settled } from '../client/settle.js';
import { currency } from './catalogue.js';
import type { DemoOrder } from './orders.js';
import type { Placed } from './place.js';

/** One order of the demo and how far it came. */
export interface Tracked {
  readonly order: DemoOrder;
  placed: Placed | null;
  settled: Settled | null;
}

/** How an order ended, or how far it is. `otherwise`: cancelled for a reason that is not part of the demo. */
export const outcomes = [
  ...(['settled', 'slow', 'declined', 'short', 'cancelled', 'capture-failed', 'otherwise'] as const),
  ...(['refused', 'unsettled', 'not-sent'] as const),
] as const;
export type Outcome = (typeof outcomes)[number];

/** Money is in minor units, times in milliseconds by the platform's clock. */
export interface DemoSummary {
  readonly seed: number;
  readonly url: string;
  readonly orders: { readonly asked: number; readonly sent: number; readonly alreadyThere: number; readonly settled: number };
  /** Those that occurred: how many orders, what they total, and one to look at. */
  readonly outcomes: readonly {
    readonly outcome: Outcome;
    readonly orders: number;
    readonly total: number;
    readonly example: string;
  }[];
  readonly shop: { readonly products: number; readonly warehouses: number; readonly receipts: number };
  readonly money: { readonly currency: string; readonly captured: number; readonly refunded: number; readonly kept: number };
  /** From the creation of an order to its end, over those that this run created. */
  readonly settledIn: { readonly median: number; readonly slowest: number } | null;
  /** Over the time in which this run sent orders. */
  readonly ordersPerSecond: number | null;
  readonly seconds: number;
  readonly retries: number;
  readonly refusals: readonly (Refusal & { readonly reference: string })[];
  /** Orders that the gateway declined because it does not know the method, which is the simulator's own. */
  readonly methodsUnknown: number;
  /** Why it ended early; `null` if it came to its end. */
  readonly stopped: string | null;
  /** Every order that was asked for came to its end. */
  readonly complete: boolean;
}

export interface DemoFacts {
  readonly seed: number;
  readonly url: string;
  readonly tracked: readonly Tracked[];
  readonly shop: DemoSummary['shop'];
  readonly sendingSeconds: number | null;
  readonly seconds: number;
  readonly retries: number;
  readonly stopped: string | null;
}

const byReason: Readonly<Record<string, Outcome>> = {
  PAYMENT_DECLINED: 'declined',
  INSUFFICIENT_STOCK: 'short',
  CUSTOMER_REQUEST: 'cancelled',
  CAPTURE_FAILED: 'capture-failed',
};

function outcomeOf({ order, placed, settled }: Tracked): Outcome {
  if (placed === null) return 'not-sent';
  if (placed.kind === 'refused') return 'refused';
  if (settled === null) return 'unsettled';
  const { status, cancellation } = settled.order;
  if (status === 'CANCELLED') return byReason[cancellation?.reason ?? ''] ?? 'otherwise';
  return order.kind === 'slow' ? 'slow' : 'settled';
}

function tallies(tracked: readonly Tracked[]): DemoSummary['outcomes'] {
  return outcomes.flatMap((outcome) => {
    const those = tracked.filter((one) => outcomeOf(one) === outcome);
    if (those.length === 0) return [];
    // The shortest one is the easiest to read.
    const { order } = those.reduce((best, one) => (one.order.lines.length < best.order.lines.length ? one : best));
    const total = those.reduce((sum, { settled }) => sum + (settled?.order.total ?? 0), 0);
    return [{ outcome, orders: those.length, total, example: order.reference }];
  });
}

/** Milliseconds that each order of this run took, shortest first. */
function timesOf(tracked: readonly Tracked[]): readonly number[] {
  return tracked
    .flatMap(({ placed, settled }) =>
      placed?.kind === 'accepted' && !placed.alreadyThere && settled !== null
        ? [Date.parse(settledAt(settled.order)) - Date.parse(settled.order.createdAt)]
        : [],
    )
    .sort((a, b) => a - b);
}

/** The summary of a demo, at its end or wherever it was stopped. */
export function summaryOf({ tracked, sendingSeconds, ...facts }: DemoFacts): DemoSummary {
  const settled = tracked.flatMap((one) => (one.settled === null ? [] : [one.settled]));
  const sum = (pick: (one: Settled) => number) => settled.reduce((total, one) => total + pick(one), 0);
  const captured = sum(({ payment }) => payment.captured);
  const refunded = sum(({ payment }) => payment.refunded);
  const accepted = tracked.flatMap(({ placed }) => (placed?.kind === 'accepted' ? [placed] : []));
  const alreadyThere = accepted.filter((one) => one.alreadyThere).length;
  const sent = accepted.length - alreadyThere;
  const times = timesOf(tracked);
  const isSimulated = ({ order }: Tracked) => order.kind === 'slow' || order.kind === 'capture-fails';
  return {
    ...facts,
    orders: { asked: tracked.length, sent, alreadyThere, settled: settled.length },
    outcomes: tallies(tracked),
    money: { currency, captured, refunded, kept: captured - refunded },
    settledIn: times.length === 0 ? null : { median: times[Math.floor(times.length / 2)] ?? 0, slowest: times.at(-1) ?? 0 },
    ordersPerSecond: sendingSeconds === null || sent === 0 ? null : sent / Math.max(sendingSeconds, 0.001),
    refusals: tracked.flatMap(({ order, placed }) =>
      placed?.kind === 'refused' ? [{ reference: order.reference, ...placed.refusal }] : [],
    ),
    methodsUnknown: tracked.filter((one) => isSimulated(one) && outcomeOf(one) === 'declined').length,
    complete: facts.stopped === null && settled.length === tracked.length,
  };
}
