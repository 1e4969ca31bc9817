// The simulator's state: intents by id and answers by idempotency key, both folded from the ledger's entries and from nothing else.

import { z } from 'zod';
import { Corrupt } from '../../../domain/log/errors.js';
import { evolve, type Fact, fact, type Intent } from './intent.js';
import { type Answer, answerTo } from './resources.js';

const entry = z.object({
  /** Milliseconds since the epoch. */
  at: z.int(),
  fact,
  /** The request it answers; `null` if that had no idempotency key, or if nobody asked. */
  request: z.object({ key: z.string(), fingerprint: z.string(), expandsCharge: z.boolean() }).nullable(),
});
export type Entry = z.infer<typeof entry>;

/** The answer to a request, kept as what it was made from. */
export interface Saved {
  readonly at: number;
  readonly fingerprint: string;
  readonly fact: Fact;
  readonly intent: Intent;
  readonly expandsCharge: boolean;
}

export const answerOf = (saved: Saved): Answer => answerTo(saved.fact, saved.intent, saved.expandsCharge);

/** How long a key is known, in milliseconds. Stripe promises at least this (docs.stripe.com/api/idempotent_requests). */
const keysLast = 24 * 60 * 60 * 1000;
const pruneEvery = 1024;

export class Books {
  readonly intents = new Map<string, Intent>();
  readonly #saved = new Map<string, Saved>();
  #sincePruned = 0;

  /** Takes up an entry that was read from the ledger. @throws Corrupt if it is none that this version writes */
  restore(stored: unknown, now: number): void {
    const read = entry.safeParse(stored);
    if (!read.success) throw new Corrupt(`The ledger has an entry that this version cannot read: ${JSON.stringify(stored)}`);
    this.apply(read.data, now);
  }

  /** The intent as it is after the entry. */
  apply({ at, fact, request }: Entry, now: number): Intent {
    const intent = evolve(this.intents.get(fact.intent), fact, at);
    this.intents.set(intent.id, intent);
    if (request !== null && at > now - keysLast) {
      const { fingerprint, expandsCharge } = request;
      this.#saved.set(request.key, { at, fingerprint, fact, intent, expandsCharge });
      if (++this.#sincePruned >= pruneEvery) this.#prune(now);
    }
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
