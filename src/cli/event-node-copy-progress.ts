// How far a copy is: a bar on a terminal, a line now and then elsewhere. Nobody knows beforehand how many events
// there are: the part is one of positions.

import { type Options, SingleBar } from 'cli-progress';
import type { CopyProgress } from '../adapters/eventstore/copy/copy-log.js';

export interface ShownProgress {
  readonly show: (progress: CopyProgress) => void;
  end(): void;
}

const names = { copying: 'Copying', verifying: 'Verifying' } as const;
/** Milliseconds between two plain lines. */
const PLAIN_MS = 5000;
const STEPS = 1000;

/** Progress on this stream. */
export function copyProgress(stream: NodeJS.WriteStream): ShownProgress {
  return stream.isTTY ? bar(stream) : plain((line) => stream.write(line));
}

function bar(stream: NodeJS.WritableStream): ShownProgress {
  const format = '{phase} {bar} {percentage}% {events} events {duration_formatted}';
  const options: Options = { format, hideCursor: true, fps: 5, stream };
  let shown: SingleBar | undefined;
  let phase: CopyProgress['phase'] | undefined;
  return {
    show(progress) {
      const { events, fraction } = progress;
      if (progress.phase !== phase) {
        shown?.stop();
        phase = progress.phase;
        shown = new SingleBar(options);
        shown.start(STEPS, 0, { phase: names[phase].padEnd(9), events });
      }
      shown?.update(Math.floor(fraction * STEPS), { events });
    },
    end: () => shown?.stop(),
  };
}

function plain(write: (line: string) => void): ShownProgress {
  let last: CopyProgress | undefined;
  let told = performance.now();
  const tell = (): void => {
    if (last !== undefined) write(`${names[last.phase]}: ${last.events} events, ${Math.floor(last.fraction * 100)}%\n`);
    told = performance.now();
  };
  return {
    show(progress) {
      if (last !== undefined && progress.phase !== last.phase) tell();
      last = progress;
      if (performance.now() - told > PLAIN_MS) tell();
    },
    end: tell,
  };
}
