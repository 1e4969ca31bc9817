// The way out to one reader: knows when it is full and when it is gone. A reader that is served through it holds at most what the
// transport holds.

import type { ServerWritableStream } from '@grpc/grpc-js';

export interface Outlet {
  /** Cancelled, ended or failed: nothing more goes out. */
  readonly closed: boolean;
  /** False: wait for `drained` before the next. */
  write(bytes: Buffer): boolean;
  /** Resolves when there is room again, or the reader is gone. One waiter at a time. */
  drained(): Promise<void>;
  onClosed(listener: () => void): void;
  end(): void;
  fail(error: Error): void;
}

/** An outlet over a server-streaming call whose messages are encoded already. */
export function outletOf<Request>(call: ServerWritableStream<Request, Buffer>): Outlet {
  const listeners: (() => void)[] = [];
  let closed = false;
  let resume: (() => void) | undefined;
  const wake = (): void => {
    const waiting = resume;
    resume = undefined;
    waiting?.();
  };
  const close = (): boolean => {
    if (closed) return false;
    closed = true;
    wake();
    for (const listener of listeners) listener();
    return true;
  };
  call.on('drain', wake);
  call.once('cancelled', close);
  call.once('close', close);
  return {
    get closed() {
      return closed;
    },
    write: (bytes) => call.write(bytes),
    drained() {
      if (closed || !call.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        resume = resolve;
      });
    },
    onClosed(listener) {
      if (closed) listener();
      else listeners.push(listener);
    },
    end() {
      if (close()) call.end();
    },
    fail(error) {
      if (close()) call.emit('error', error);
    },
  };
}
