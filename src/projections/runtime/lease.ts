// Takes the lease of a group of projections, and keeps it. It decides who works, for the sake of liveness; that nobody else writes is the
// fence's matter.

import type { Checkpoints, Lease, LeaseRequest, LeaseResult } from '../../domain/log/checkpoint.js';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import { Patience, pause } from './patience.js';
import type { ProjectorLog } from './ports.js';

type Acquired = Extract<LeaseResult, { outcome: 'acquired' }>;

/** Whether the same may work later. */
export const mayPass = (error: unknown): error is Unavailable | OutcomeUnknown =>
  error instanceof Unavailable || error instanceof OutcomeUnknown;

export interface StandBy {
  readonly checkpoints: Checkpoints;
  readonly request: LeaseRequest;
  readonly signal: AbortSignal;
  /** Is told, in a sentence, why it is still waiting. */
  readonly onWaiting: (why: string) => void;
}

const askAgainAfter = 1_000;

/**
 * Waits until the lease is ours: a holder that dies is followed once its time has run out, one that lets go within a second. `null` when
 * the signal is aborted.
 */
export async function takeLease({ checkpoints, request, signal, onWaiting }: StandBy): Promise<Acquired | null> {
  const patience = new Patience();
  while (!signal.aborted) {
    try {
      const result = await checkpoints.acquire(request);
      if (result.outcome === 'acquired') return result;
      onWaiting(`${result.by} holds the lease.`);
      patience.reset();
      await pause(Math.min(askAgainAfter, request.ttlMs / 3), signal);
    } catch (error) {
      if (!mayPass(error)) throw error;
      onWaiting(error.message);
      await patience.wait(signal);
    }
  }
  return null;
}

export interface KeptLease {
  /** Ends the renewals; `letGo` also gives the lease back, so that another need not wait for it. Never rejects. */
  end(options: { letGo: boolean }): Promise<void>;
}

/** Renews the lease three times in its life. A renewal that fails is tried again; one that is refused calls `onLost` and ends it. */
export function keepLease(
  checkpoints: Checkpoints,
  lease: Lease,
  { ttlMs, onLost, log }: { readonly ttlMs: number; readonly onLost: () => void; readonly log: ProjectorLog },
): KeptLease {
  const ending = new AbortController();
  async function renewals(): Promise<void> {
    for (;;) {
      await pause(ttlMs / 3, ending.signal);
      if (ending.signal.aborted) return;
      try {
        if (await checkpoints.renew(lease, ttlMs)) continue;
        onLost();
        return;
      } catch (error) {
        log.warn({ err: error }, 'The lease of the read models could not be renewed yet.');
      }
    }
  }
  const renewing = renewals();
  return {
    end: async ({ letGo }) => {
      ending.abort();
      await renewing;
      if (!letGo) return;
      await checkpoints.release(lease).catch((error: unknown) => {
        log.warn({ err: error }, 'The lease of the read models could not be given back; it runs out by itself.');
      });
    },
  };
}
