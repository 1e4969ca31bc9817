// Ctrl-C and SIGTERM, for commands that run until they are told to stop.

/** npm passes on the Ctrl-C that the terminal has sent to everybody, so a signal that follows at once is the same one. */
const sameSignalWithin = 1000;

/** Fulfilled by the first signal. A later one ends the process at once: whoever finds what it leaves behind is the next start. */
export function askedToStop(): Promise<string> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > sameSignalWithin) process.exit(1);
        resolve(signal);
      });
  });
}
