// How far a command is: a bar on a terminal, a line now and then elsewhere.

import { type Options, SingleBar } from 'cli-progress';

export interface Progress {
  begin(phase: string, total: number): void;
  advance(): void;
  end(): void;
}

/** Milliseconds between two plain lines. */
const plainInterval = 5_000;

const perSecond = (count: number, since: number) => `${Math.round((count * 1_000) / Math.max(1, performance.now() - since))}/s`;

/** A bar for each phase, redrawn in place. */
function barProgress(stream: NodeJS.WritableStream): Progress {
  const options: Options = {
    format: '{phase} {bar} {value}/{total} {rate} {duration_formatted}',
    hideCursor: true,
    fps: 5,
    stream,
  };
  let bar: SingleBar | null = null;
  let done = 0;
  let since = 0;
  return {
    begin(phase, total) {
      bar = new SingleBar(options);
      done = 0;
      since = performance.now();
      bar.start(total, 0, { phase: phase.padEnd(14), rate: '' });
    },
    advance() {
      done++;
      bar?.update(done, { rate: perSecond(done, since) });
    },
    end() {
      bar?.stop();
      bar = null;
    },
  };
}

/** A line when a phase ends, and every five seconds while it lasts. */
function plainProgress(write: (line: string) => void): Progress {
  let current = '';
  let total = 0;
  let done = 0;
  let since = 0;
  let told = 0;
  const tell = () => {
    told = performance.now();
    write(`${current}: ${done}/${total}, ${perSecond(done, since)}\n`);
  };
  return {
    begin(phase, items) {
      current = phase;
      total = items;
      done = 0;
      since = performance.now();
      told = since;
    },
    advance() {
      done++;
      if (performance.now() - told > plainInterval) tell();
    },
    end: tell,
  };
}

/** A bar on a terminal, plain lines elsewhere. */
export const progressOn = (stream: NodeJS.WriteStream): Progress =>
  stream.isTTY ? barProgress(stream) : plainProgress((line) => stream.write(line));
