// Tells a process what other processes' projectors have reached: it hears their announcements, and looks for itself now and then, in case
// one was missed. LISTEN itself is the adapter's.

import type { Checkpoints } from '../../domain/log/checkpoint.js';
import { readAnnouncement } from './announcement.js';
import { pause } from './patience.js';
import type { ProjectorLog } from './ports.js';
import type { AdvanceListener } from './progress.js';

export interface CheckpointWatchOptions {
  readonly checkpoints: Checkpoints;
  readonly names: readonly string[];
  readonly onAdvance: AdvanceListener;
  /** How often it looks for itself, in milliseconds. Default 2,000. */
  readonly everyMs?: number;
  readonly log: ProjectorLog;
}

export interface CheckpointWatch {
  /** To be called with each payload that arrives on `checkpointChannel`. */
  announced(payload: string): void;
  /** To be called when announcements may have been missed. Never rejects. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** Starts by looking where the read models are. */
export function watchCheckpoints({ checkpoints, names, onAdvance, everyMs = 2_000, log }: CheckpointWatchOptions): CheckpointWatch {
  const closing = new AbortController();
  let troubled = false;

  async function look(): Promise<void> {
    try {
      for (const [name, { place }] of await checkpoints.read(names)) if (place !== null) onAdvance([name], place.position);
      troubled = false;
    } catch (error) {
      if (!troubled) log.warn({ err: error }, 'How far the read models have come could not be read; it is tried again.');
      troubled = true;
    }
  }

  async function lookAgainAndAgain(): Promise<void> {
    while (!closing.signal.aborted) {
      await look();
      await pause(everyMs, closing.signal);
    }
  }
  const looking = lookAgainAndAgain();

  return {
    announced: (payload) => {
      const heard = readAnnouncement(payload);
      if (heard !== null) onAdvance(heard.names, heard.position);
    },
    look,
    close: async () => {
      closing.abort();
      await looking;
    },
  };
}
