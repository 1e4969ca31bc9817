// The course of a command that sends much to a platform: phase after phase, each with its progress, until the end or until something
// stops it. What was done then is found done by the next run.

import { Unavailable } from '../../domain/log/errors.js';
import { UnexpectedAnswer } from './answers.js';
import { concurrently } from './concurrently.js';
import type { Progress } from './progress.js';

/** What a run that was stopped says at the end. */
export const again = 'Run it again to go on: nothing is done twice.';

/** Why a run that threw ended early. What is neither an outage nor an interruption nor an odd answer is a defect, and thrown on. */
export function reasonToStop(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `It was interrupted. ${again}`;
  if (error instanceof Unavailable) return `${error.message} ${again}`;
  if (error instanceof UnexpectedAnswer) return `It was stopped. ${error.message}`;
  throw error;
}

/** Works on the items of one phase, at most `concurrency` at a time, and shows how far it is. */
export const phasesOf =
  (progress: Progress, concurrency: number) =>
  async <Item>(name: string, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
    progress.begin(name, items.length);
    try {
      await concurrently(items, concurrency, async (item) => {
        await work(item);
        progress.advance();
      });
    } finally {
      progress.end();
    }
  };
