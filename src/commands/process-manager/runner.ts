// The process manager's runner: holds the lease, or stands by for it, again and again until it is stopped. What it does while it holds
// the lease is the reign's matter.

import type { Checkpoint, Lease } from '../../domain/log/checkpoint.js';
import { Fenced, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import { backoff, pause } from '../backoff.js';
import { Reign } from './reign.js';
import { checkpointName, leaseOf, type RunnerDependencies, type RunnerStatus } from './runner-ports.js';

export interface Runner {
  status(): RunnerStatus;
  /** Pulls no more, lets what is under way end for at most so many milliseconds, saves the watermark and gives up the lease. */
  stop(graceMilliseconds: number): Promise<void>;
}

/** Of the checkpoint's meaning; raised when an older place may not be gone on from. */
export const runnerVersion = 1;

/** Starts the process manager in this process; it stands by while another process holds the lease. */
export function startRunner(dependencies: RunnerDependencies): Runner {
  const { log } = dependencies;
  const stopping = new AbortController();
  let status: RunnerStatus = { state: 'standing-by', position: null, outstanding: 0, problem: null };
  let reign: Reign | null = null;
  let grace = 0;

  /** Takes the lease if it is free, and holds it as long as it can. Answers what ended that, `null` if nothing went wrong. */
  async function takeTurn(): Promise<{ readonly error: unknown } | null> {
    try {
      const acquired = await acquire(dependencies);
      if (acquired === null) {
        status = { ...status, state: 'standing-by', problem: null };
        await pause(leaseOf(dependencies) / 4, stopping.signal);
        return null;
      }
      const waiting = await dependencies.work.waiting();
      reign = new Reign(dependencies, acquired.lease, acquired.checkpoint, waiting, stopping.signal);
      status = { ...status, problem: null };
      log.info({ after: String(acquired.checkpoint.place?.position ?? 'the start') }, 'The process manager holds the lease.');
      await reign.hold();
      return null;
    } catch (error) {
      return { error };
    } finally {
      // What is under way is let end, so that the next turn does not do it at the same time.
      await reign?.end(stopping.signal.aborted ? grace : leaseOf(dependencies) / 2);
      reign = null;
    }
  }

  async function live(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const failed = await takeTurn();
      if (failed === null) {
        failures = 0;
        continue;
      }
      failures += 1;
      const { error } = failed;
      const problem = error instanceof Error ? error.message : String(error);
      const passing = error instanceof Unavailable || error instanceof OutcomeUnknown || error instanceof Fenced;
      status = { ...status, state: passing ? 'standing-by' : 'failed', problem };
      log[passing ? 'warn' : 'error']({ err: error }, `The process manager stopped: ${problem}`);
      if (!passing) return;
      await pause(backoff(failures, 100, 5000), stopping.signal);
    }
    status = { ...status, state: 'stopped' };
  }

  const ended = live();
  return {
    status: () => (reign === null ? status : { ...status, ...reign.status() }),
    stop: async (graceMilliseconds) => {
      grace = graceMilliseconds;
      stopping.abort(new Unavailable('The process manager is being stopped.'));
      await ended;
    },
  };
}

async function acquire(dependencies: RunnerDependencies): Promise<{ lease: Lease; checkpoint: Checkpoint } | null> {
  const { checkpoints, logId, holder, verify } = dependencies;
  const result = await checkpoints.acquire({
    readers: [{ name: checkpointName, version: runnerVersion }],
    logId,
    holder,
    ttlMs: leaseOf(dependencies),
  });
  if (result.outcome === 'held') return null;
  const checkpoint = result.checkpoints.get(checkpointName);
  if (checkpoint === undefined) throw new Unavailable(`The checkpoint ${checkpointName} is missing although its lease was taken.`);
  await verify(checkpoint);
  return { lease: result.lease, checkpoint };
}
