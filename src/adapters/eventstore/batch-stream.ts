// One BatchAppend call and the appends that wait on it. When the call breaks, each of them, and nobody else, ends in `OutcomeUnknown`.
// It does not reconnect: that is the appender's matter.

import { randomInt } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { OutcomeUnknown } from '../../domain/log/errors.js';
import type { ExpectedRevision } from '../../domain/log/event-store.js';
import type { AppendAnswer } from './append-answers.js';
import { type EncodedEvent, encodeAppend } from './append-messages.js';

export type BatchCall = ClientDuplexStream<Buffer, AppendAnswer>;

interface Pending {
  readonly stream: string;
  readonly sentAt: number;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: OutcomeUnknown) => void;
}

export interface BatchStream {
  /** How many appends wait for an answer. */
  readonly pending: number;
  /** @throws OutcomeUnknown when no answer came in time, or the call broke. */
  append(stream: string, events: readonly EncodedEvent[], expected: ExpectedRevision): Promise<AppendAnswer>;
  end(why: string): void;
}

export interface BatchStreamSettings {
  readonly timeoutMs: number;
  readonly onAnswer: () => void;
  /** An append that was sent then, by `performance.now()`, has timed out. */
  readonly onTimeout: (sentAt: number) => void;
  /** The call broke, or was ended: nothing can be sent any more. Called once. */
  readonly onEnd: (why: string) => void;
}

export function batchStream(call: BatchCall, { timeoutMs, onAnswer, onTimeout, onEnd }: BatchStreamSettings): BatchStream {
  // In the order they were sent, so the first is always the next to time out.
  const pending = new Map<number, Pending>();
  const id = randomInt(1, 2 ** 47);
  let correlation = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const unknown = (stream: string, why: string) =>
    new OutcomeUnknown(`Whether the append to ${stream} was written is not known: ${why}.`);

  function end(why: string): void {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    for (const { stream, reject } of pending.values()) reject(unknown(stream, why));
    pending.clear();
    call.cancel();
    // A call that the server ended without an error is over for the client only when our side has ended as well.
    call.end();
    onEnd(why);
  }

  function expire(): void {
    timer = undefined;
    const now = performance.now();
    for (const [number, { stream, sentAt, reject }] of pending) {
      if (sentAt + timeoutMs > now) {
        timer = setTimeout(expire, sentAt + timeoutMs - now);
        return;
      }
      pending.delete(number);
      reject(unknown(stream, `the event store did not answer within ${timeoutMs} ms`));
      onTimeout(sentAt);
    }
  }

  call.on('data', (answer: AppendAnswer) => {
    onAnswer();
    const waiting = pending.get(answer.correlation);
    // It may have timed out, and a server is known to answer a malformed append twice.
    if (waiting === undefined) return;
    pending.delete(answer.correlation);
    waiting.resolve(answer);
  });
  // After a break grpc-js may emit a second, late error: the listener must outlive the first.
  call.on('error', (error) => end(`the connection broke (${error.message})`));
  call.on('end', () => end('the event store ended the connection'));

  return {
    get pending() {
      return pending.size;
    },
    append(stream, events, expected) {
      return new Promise((resolve, reject) => {
        const message = encodeAppend(id, ++correlation, stream, events, expected, Date.now() + timeoutMs);
        pending.set(correlation, { stream, sentAt: performance.now(), resolve, reject });
        timer ??= setTimeout(expire, timeoutMs);
        call.write(message);
      });
    },
    end,
  };
}
