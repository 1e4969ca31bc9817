// One call on one HTTP/2 stream. What is written in one turn of the event loop goes out as one piece, however many messages it is: on
// this path a message costs its copy, and the transport's price is paid once.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createMessageAssembler, prefixed, prefixedSize } from './length-prefixed.js';
import { CallError, callErrorOf, messageText, type StatusCode, status, trailerText } from './status.js';

export interface Call {
  readonly headers: IncomingHttpHeaders;
  /** Ended, failed, cancelled by the client or cut off: nothing more goes out. */
  readonly closed: boolean;
  /** So much waits for the client that the next message should wait for `drained`. */
  readonly isFull: boolean;
  /** Sends a message, whose bytes must not change any more, and says whether there is room for another. Nothing happens once it is closed. */
  write(message: Uint8Array): boolean;
  /** Resolves when there is room again, or the call is closed. */
  drained(): Promise<void>;
  /** Calls back once, when the call is closed: at once if it is. */
  onClosed(listener: () => void): void;
  end(): void;
  /** Ends the call with the error's status; whatever is not a `CallError` is UNKNOWN. */
  fail(error: unknown): void;
  /** Hands over the client's messages, as views, and tells when it has sent its last. What is thrown fails the call. */
  receive(onMessage: (message: Buffer) => void, onEnd: () => void): void;
  /** Stops, and goes on, receiving: the client is held back by the transport. */
  pause(): void;
  resume(): void;
}

/** A piece of this size is sent at once. */
const PIECE_BYTES = 64 * 1024;
/** What may wait in the transport: one piece for the client's window, and one behind it. */
const FULL_BYTES = 2 * PIECE_BYTES;
const LONGEST_TIMER_MS = 0x7fffffff;
const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const responseHeaders = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** The call on a stream that has just been opened. Messages of more than `receiveBytes` fail it. */
export function createCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, receiveBytes: number): Call {
  const listeners: (() => void)[] = [];
  const roomWaiters: (() => void)[] = [];
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  /** Bytes that the transport has not taken yet. */
  let sending = 0;
  let closed = false;
  let receivedAll = false;
  const deadline = startDeadline();

  stream.on('error', close);
  stream.once('close', close);

  function startDeadline(): NodeJS.Timeout | undefined {
    const [, count, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(headers['grpc-timeout'] ?? '')) ?? [];
    if (count === undefined) return undefined;
    const milliseconds = Math.min(Number(count) * (UNITS_MS[unit] ?? 0), LONGEST_TIMER_MS);
    return setTimeout(
      () => fail(new CallError(status.DEADLINE_EXCEEDED, 'The call has taken longer than its deadline.')),
      milliseconds,
    );
  }

  function close(): boolean {
    if (closed) return false;
    closed = true;
    clearTimeout(deadline);
    for (const resume of roomWaiters.splice(0)) resume();
    for (const listener of listeners.splice(0)) listener();
    return true;
  }

  function flush(): void {
    if (pendingBytes === 0 || stream.destroyed) return;
    const bytes = prefixed(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
    if (!stream.headersSent) stream.respond(responseHeaders, { waitForTrailers: true });
    sending += bytes.length;
    stream.write(bytes, () => {
      sending -= bytes.length;
      if (!isFull()) for (const resume of roomWaiters.splice(0)) resume();
    });
  }

  const isFull = (): boolean => sending + pendingBytes >= FULL_BYTES;

  function finish(code: StatusCode, sentence: string, details: Readonly<Record<string, string>>): void {
    if (!close() || stream.destroyed) return;
    flush();
    const trailers: Record<string, string | number> = { 'grpc-status': code };
    if (sentence !== '') trailers['grpc-message'] = messageText(sentence);
    for (const [name, value] of Object.entries(details)) trailers[name] = trailerText(value);
    stream.resume();
    if (!stream.headersSent) {
      stream.respond({ ...responseHeaders, ...trailers }, { endStream: true });
      stopClient();
      return;
    }
    stream.once('wantTrailers', () => {
      stream.sendTrailers(trailers);
      stopClient();
    });
    stream.end();
  }

  /** A client that is still sending is told that nobody listens any more (RFC 9113, 8.1). */
  function stopClient(): void {
    if (!receivedAll) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  const fail = (error: unknown): void => {
    const { code, message, trailers } = callErrorOf(error);
    finish(code, message, trailers);
  };

  return {
    headers,
    get closed() {
      return closed;
    },
    get isFull() {
      return isFull();
    },
    write(message) {
      if (closed) return true;
      if (pending.length === 0) process.nextTick(flush);
      pending.push(message);
      pendingBytes += prefixedSize(message);
      if (pendingBytes >= PIECE_BYTES) flush();
      return !isFull();
    },
    drained() {
      if (closed || !isFull()) return Promise.resolve();
      return new Promise((resolve) => void roomWaiters.push(resolve));
    },
    onClosed(listener) {
      if (closed) listener();
      else listeners.push(listener);
    },
    end: () => finish(status.OK, '', {}),
    fail,
    receive(onMessage, onEnd) {
      const assembler = createMessageAssembler(receiveBytes);
      const handOver = (message: Buffer): void => {
        if (!closed) onMessage(message);
      };
      const attempt = (step: () => void): void => {
        if (closed) return;
        try {
          step();
        } catch (error) {
          fail(error);
        }
      };
      stream.on('data', (chunk: Buffer) => attempt(() => assembler.take(chunk, handOver)));
      stream.once('end', () => {
        receivedAll = true;
        attempt(() => {
          if (assembler.isInside) throw new CallError(status.INVALID_ARGUMENT, 'The request ends in the middle of a message.');
          onEnd();
        });
      });
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  };
}
