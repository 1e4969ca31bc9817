// The port to the work rows: what the process manager cannot do now. A row is a deadline that lies ahead, or a reaction that could not be
// carried out yet; both name the event behind them, from which they can be made again at any time.

import type { Lease, Place } from '../../domain/log/checkpoint.js';

/** A deadline, or a reaction that waits. */
export interface WorkItem {
  /** Derived from what it is about, so that the same work is one row. */
  readonly id: string;
  readonly kind: 'reaction' | 'deadline';
  readonly orderId: string;
  /** `order-…`, `gateway-…` or `inventory-…`: reactions of one lane are carried out in the order of their events. */
  readonly lane: string;
  /** Which of the event's reactions, or which deadline. */
  readonly what: string;
  readonly trigger: Trigger;
}

/** Where the event behind a row stands. */
export interface Trigger {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
}

export interface DeadlineRow extends WorkItem {
  /** RFC 3339. */
  readonly dueAt: string;
}

export interface ClaimedRow extends WorkItem {
  /** How often it was claimed, this time included. */
  readonly attempts: number;
}

/** What waits for an order, for whoever looks. */
export interface WaitingRow extends WorkItem {
  readonly dueAt: Date;
  readonly attempts: number;
  /** Why it waits, in a sentence; `null` for a deadline that lies ahead. */
  readonly lastError: string | null;
}

/** When a row may be claimed: after a time, at once, or when the claim of a call that is still under way has lapsed. */
export type DeferredUntil =
  | { readonly dueIn: number }
  /** It comes behind others of its lane, the first of which is woken: what they wait for may have changed. */
  | 'behind'
  | { readonly claimedFor: number };

/** How many rows of each sort of lane may be claimed. */
export type Room = ReadonlyMap<string, number>;

/** The clock is the database's. Every write is fenced by the lease: what an older one writes is refused. Durations are milliseconds. */
export interface Work {
  /**
   * Moves the process manager's checkpoint and, in the same statement, writes and removes deadlines. A newer deadline takes the place of
   * an older one with its id. `from` and `to` may be the same place.
   * @throws Fenced; Unavailable nothing was saved; OutcomeUnknown
   */
  save(lease: Lease, from: bigint | null, to: Place | null, set: readonly DeadlineRow[], cleared: readonly string[]): Promise<void>;

  /** Writes a reaction as a row, if it is not one already. @throws Fenced, Unavailable, OutcomeUnknown */
  defer(lease: Lease, item: WorkItem, until: DeferredUntil, reason: string): Promise<void>;

  /** The reactions that wait, by lane. @throws Unavailable */
  waiting(): Promise<ReadonlyMap<string, readonly string[]>>;

  /**
   * Claims rows that are due: deadlines, and of each lane the reaction whose event came first. A claim lapses after `claimFor`, and with
   * the lease. `running` are this holder's own, which are not claimed again. @throws Unavailable
   */
  claim(lease: Lease, room: Room, claimFor: number, running: readonly string[]): Promise<readonly ClaimedRow[]>;

  /** Removes a row that is done. @throws Unavailable, OutcomeUnknown */
  settle(lease: Lease, id: string): Promise<void>;

  /** Gives a claim back, to be tried again after a time. @throws Unavailable, OutcomeUnknown */
  postpone(lease: Lease, id: string, delay: number, reason: string): Promise<void>;

  /** All that waits for an order, the first due first. @throws Unavailable */
  ofOrder(orderId: string): Promise<readonly WaitingRow[]>;
}
