// What a server-streaming call delivers, in the batches in which it arrives: one promise a turn of the event loop, not one a message.
// Bounded: past a limit the call is paused, and HTTP/2 holds the server back.

import type { ClientReadableStream } from '@grpc/grpc-js';

export interface Received<Message> {
  /** Waits until something has arrived, and takes all of it; empty when the server has ended. @throws what the call broke with */
  take(): Promise<Message[]>;
  /** Breaks the call with this error, at once: what has arrived and was not taken is dropped. */
  abort(error: unknown): void;
  close(): void;
}

type End = { readonly broken: false } | { readonly broken: true; readonly error: unknown };

const limit = 512;

/** Listens to the call at once, and for as long as it may emit anything. */
export function received<Message>(call: ClientReadableStream<Message>): Received<Message> {
  let messages: Message[] = [];
  let over: End | undefined;
  let wake: (() => void) | undefined;
  let scheduled = false;

  function rouse(): void {
    scheduled = false;
    wake?.();
    wake = undefined;
  }

  function finish(end: End): void {
    over ??= end;
    rouse();
  }

  call.on('data', (message: Message) => {
    messages.push(message);
    if (messages.length === limit) call.pause();
    if (wake === undefined || scheduled) return;
    // Not at once: the other messages of this read from the socket follow in the same turn.
    scheduled = true;
    setImmediate(rouse);
  });
  call.on('end', () => finish({ broken: false }));
  // grpc-js may emit an error after another, and after a cancellation: somebody must be listening still.
  call.on('error', (error) => finish({ broken: true, error }));

  return {
    async take() {
      while (messages.length === 0 && over === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (messages.length === 0 && over?.broken) throw over.error;
      const taken = messages;
      messages = [];
      if (call.isPaused()) call.resume();
      return taken;
    },
    abort(error) {
      messages = [];
      over = { broken: true, error };
      call.cancel();
      rouse();
    },
    close: () => call.cancel(),
  };
}
