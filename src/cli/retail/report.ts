// The closing report of an import, as data: every row of the file under one outcome, and the money that the platform says it captured
// beside the money that the file says. How it reads is report-text.ts.

import type { Refusal } from '../client/answers.js';
import { settledAt } from '../client/answers.js';
import type { Settled } from '../client/settle.js';
import { currency, type NotAnOrder, type RetailOrder } from './classify.js';
import type { ImportPlan, LeftOut } from './import-plan.js';
import type { Sent } from './send.js';

/** One order of the file and how far it came. */
export interface Tracked {
  readonly order: RetailOrder;
  sent: Sent | null;
  settled: Settled | null;
}

/** `unsettled`: accepted, its end not seen. `not-sent`: not sent, or not answered. */
export type Outcome = 'confirmed' | 'cancelled' | 'refused' | 'unsettled' | 'not-sent' | 'not-an-order';

/** What lies in the file with one outcome for one reason. `units` and `money` are `null` where the invoices are no orders. */
export interface Tally {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly invoices: number;
  readonly rows: number;
  readonly units: number | null;
  readonly money: number | null;
}

export interface Phase {
  readonly orders: number;
  readonly seconds: number;
  readonly perSecond: number;
}

/** Money is in minor units. */
export interface Report {
  readonly file: { readonly name: string; readonly contentHash: string; readonly rows: number; readonly invoices: number };
  readonly url: string;
  readonly openingStock: { readonly skus: number; readonly units: number };
  readonly outcomes: readonly Tally[];
  readonly orders: { readonly inFile: number; readonly sent: number; readonly alreadyThere: number; readonly settled: number };
  readonly money: {
    readonly currency: string;
    /** Of all orders in the file. */
    readonly inFile: number;
    /** Of those that the platform confirmed, by the file. */
    readonly confirmed: number;
    /** By the platform's payments of this file's orders. */
    readonly captured: number;
    readonly refunded: number;
    /** Whether every settled order's payment holds, to the penny, what the file says: its total if confirmed, else nothing. */
    readonly matches: boolean;
    readonly mismatches: readonly {
      readonly reference: string;
      readonly expected: number;
      readonly captured: number;
      readonly refunded: number;
    }[];
  };
  readonly sending: Phase | null;
  /** By the platform's clock, over the orders that this run created: from the first creation to the last settlement. */
  readonly settling: Phase | null;
  readonly seconds: number;
  readonly retries: number;
  readonly refusals: readonly (Refusal & { readonly reference: string })[];
  readonly leftOut: readonly LeftOut[];
  /** Why the import ended early; `null` if it came to its end. */
  readonly stopped: string | null;
  /** Every order came to its end, none was refused but for totalling nothing, and the money matches. */
  readonly complete: boolean;
}

export interface ImportFacts {
  readonly name: string;
  readonly url: string;
  readonly plan: ImportPlan;
  readonly tracked: readonly Tracked[];
  readonly openingStock: { readonly skus: number; readonly units: number };
  readonly sendingSeconds: number | null;
  readonly seconds: number;
  readonly retries: number;
  readonly stopped: string | null;
}

const expectedRefusal = 'order-total-zero';

function outcomeOf({ sent, settled }: Tracked): { outcome: Outcome; reason: string | null } {
  if (settled !== null)
    return settled.order.status === 'CANCELLED'
      ? { outcome: 'cancelled', reason: settled.order.cancellation?.reason ?? null }
      : { outcome: 'confirmed', reason: null };
  if (sent === null) return { outcome: 'not-sent', reason: null };
  return sent.kind === 'refused' ? { outcome: 'refused', reason: sent.refusal.code } : { outcome: 'unsettled', reason: null };
}

const outcomeOrder: readonly Outcome[] = ['confirmed', 'cancelled', 'refused', 'unsettled', 'not-sent', 'not-an-order'];

function tallies(tracked: readonly Tracked[], leftOut: readonly LeftOut[]): readonly Tally[] {
  const byKey = new Map<string, Tally>();
  const add = (outcome: Outcome, reason: string | null, rows: number, units: number | null, money: number | null) => {
    const key = `${outcome}/${reason}`;
    const before = byKey.get(key) ?? {
      outcome,
      reason,
      invoices: 0,
      rows: 0,
      units: units === null ? null : 0,
      money: money === null ? null : 0,
    };
    byKey.set(key, {
      ...before,
      invoices: before.invoices + 1,
      rows: before.rows + rows,
      units: before.units === null || units === null ? null : before.units + units,
      money: before.money === null || money === null ? null : before.money + money,
    });
  };
  for (const one of tracked) {
    const { outcome, reason } = outcomeOf(one);
    add(outcome, reason, one.order.lines.length, one.order.units, one.order.total);
  }
  for (const { reason, rows } of leftOut) add('not-an-order', reason satisfies NotAnOrder, rows, null, null);
  return [...byKey.values()].sort((a, b) => outcomeOrder.indexOf(a.outcome) - outcomeOrder.indexOf(b.outcome) || b.rows - a.rows);
}

function money(tracked: readonly Tracked[]): Report['money'] {
  const mismatches: Report['money']['mismatches'][number][] = [];
  const sums = { inFile: 0, confirmed: 0, captured: 0, refunded: 0 };
  for (const { order, settled } of tracked) {
    sums.inFile += order.total;
    if (settled === null) continue;
    const { captured, refunded } = settled.payment;
    const expected = settled.order.status === 'CANCELLED' ? 0 : order.total;
    sums.confirmed += expected;
    sums.captured += captured;
    sums.refunded += refunded;
    if (captured - refunded !== expected) mismatches.push({ reference: order.reference, expected, captured, refunded });
  }
  return { currency, ...sums, matches: mismatches.length === 0 && sums.captured - sums.refunded === sums.confirmed, mismatches };
}

const phase = (orders: number, seconds: number | null): Phase | null =>
  seconds === null || orders === 0 ? null : { orders, seconds, perSecond: orders / Math.max(seconds, 0.001) };

function settlingSeconds(settled: readonly Settled[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { order } of settled) {
    first = Math.min(first, Date.parse(order.createdAt));
    last = Math.max(last, Date.parse(settledAt(order)));
  }
  return (last - first) / 1_000;
}

/** The report on an import, at its end or wherever it was stopped. */
export function reportOn({
  name,
  url,
  plan,
  tracked,
  openingStock,
  sendingSeconds,
  seconds,
  retries,
  stopped,
}: ImportFacts): Report {
  const refusals = tracked.flatMap(({ order, sent }) =>
    sent?.kind === 'refused' ? [{ reference: order.reference, ...sent.refusal }] : [],
  );
  const accepted = tracked.filter(({ sent }) => sent?.kind === 'accepted');
  const alreadyThere = accepted.filter(({ sent }) => sent?.kind === 'accepted' && sent.alreadyThere).length;
  const createdHere = tracked.flatMap(({ sent, settled }) =>
    sent?.kind === 'accepted' && !sent.alreadyThere && settled !== null ? [settled] : [],
  );
  const settled = tracked.filter((one) => one.settled !== null).length;
  const takings = money(tracked);
  const ended = settled + refusals.length === tracked.length;
  return {
    file: { name, contentHash: plan.contentHash, rows: plan.rows, invoices: plan.orders.length + plan.leftOut.length },
    url,
    openingStock,
    outcomes: tallies(tracked, plan.leftOut),
    orders: { inFile: tracked.length, sent: accepted.length - alreadyThere, alreadyThere, settled },
    money: takings,
    sending: phase(accepted.length + refusals.length, sendingSeconds),
    settling: createdHere.length === 0 ? null : phase(createdHere.length, settlingSeconds(createdHere)),
    seconds,
    retries,
    refusals,
    leftOut: plan.leftOut,
    stopped,
    complete: stopped === null && ended && takings.matches && refusals.every(({ code }) => code === expectedRefusal),
  };
}
