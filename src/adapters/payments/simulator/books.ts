// The simulator's state: intents by id and answers by idempotency key, both folded from the ledger's entries and from nothing else.

import { z } from 'zod';
import { Corrupt } from '../../../domain/log/errors.js';
import { type Fact, fact } from './facts.js';
import { evolve, type Intent } from './intent.js';
import { type Answer, answerTo, brokenDown } from './resources.js';

const entry = z.object({
  /** Milliseconds since the epoch. */
  at: z.int(),
  /** `null` if nothing was done, and only the answer is kept. */
  fact: fact.nullable(),
  /** The request it answers; `null` if that had no idempotency key, or if nobody asked. */
  request: z
    .object({
      key: z.string(),
      fingerprint: z.string(),
      expandsCharge: z.boolean(),
      /** Whether the server broke down over it, and answered that whatever was done. */
      brokeDown: z.boolean().default(false),
    })
    .nullable(),
});
export type Entry = z.infer<typeof entry>;

/** The answer to a request, kept as what it was made from. */
export interface Saved {
  readonly at: number;
  readonly fingerprint: string;
  /** `null` if the server broke down. */
  readonly made: { readonly fact: Fact; readonly intent: Intent; readonly expandsCharge: boolean } | null;
}

export const answerOf = ({ made }: Saved): Answer =>
  made === null ? brokenDown : answerTo(made.fact, made.intent, made.expandsCharge);

/** How long a key is known, in milliseconds. Stripe promises at least this (docs.stripe.com/api/idempotent_requests). */
const keysLast = 24 * 60 * 60 * 1000;
const pruneEvery = 1024;

export class Books {
  readonly intents = new Map<string, Intent>();
  /** The intent of each refund. */
  readonly refunds = new Map<string, string>();
  readonly #saved = new Map<string, Saved>();
  #sincePruned = 0;

  /** Takes up an entry that was read from the ledger. @throws Corrupt if it is none that this version writes */
  restore(stored: unknown, now: number): void {
    const read = entry.safeParse(stored);
    if (!read.success) throw new Corrupt(`The ledger has an entry that this version cannot read: ${JSON.stringify(stored)}`);
    this.apply(read.data, now);
  }

  /** Takes up an entry. */
  apply({ at, fact, request }: Entry, now: number): void {
    const intent = fact === null ? null : this.#evolve(fact, at);
    if (request === null || at <= now - keysLast) return;
    const { key, fingerprint, expandsCharge, brokeDown } = request;
    const made = fact === null || intent === null || brokeDown ? null : { fact, intent, expandsCharge };
    this.#saved.set(key, { at, fingerprint, made });
    if (++this.#sincePruned >= pruneEvery) this.#prune(now);
  }

  #evolve(fact: Fact, at: number): Intent {
    const intent = evolve(this.intents.get(fact.intent), fact, at);
    this.intents.set(intent.id, intent);
    if (fact.type === 'refunded') this.refunds.set(fact.refund, intent.id);
    return intent;
  }

  /** An intent that is known to be there. */
  intent(id: string): Intent {
    const intent = this.intents.get(id);
    if (intent === undefined) throw new Corrupt(`The books have no intent ${id}.`);
    return intent;
  }

  /** What was answered under the key, if that is not too long ago. */
  saved(key: string, now: number): Saved | undefined {
    const saved = this.#saved.get(key);
    return saved !== undefined && saved.at > now - keysLast ? saved : undefined;
  }

  /** Forgets keys from the oldest on; a map keeps the order in which they came. */
  #prune(now: number): void {
    this.#sincePruned = 0;
    for (const [key, saved] of this.#saved) {
      if (saved.at > now - keysLast) return;
      this.#saved.delete(key);
    }
  }
}
