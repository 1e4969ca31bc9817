// The kinds of calls that answer one message, or read one: what a handler of theirs needs to know is the request.

import type { Call } from './call.js';
import { CallError, status } from './status.js';

/** Serves a call. */
export type Handler = (call: Call) => void;

type Decode<Request> = (bytes: Uint8Array) => Request;

interface Encodable {
  serializeBinary(): Uint8Array;
}

/** One request, one answer. What the handler throws, or rejects with, fails the call. */
export const unary =
  <Request>(decode: Decode<Request>, handle: (request: Request, call: Call) => Encodable | Promise<Encodable>): Handler =>
  (call) =>
    receiveOne(call, decode, async (request) => {
      call.write((await handle(request, call)).serializeBinary());
      call.end();
    });

/** One request, and a stream of answers, which the handler ends. What it throws, or rejects with, fails the call. */
export const serverStreaming =
  <Request>(decode: Decode<Request>, handle: (request: Request, call: Call) => void | Promise<void>): Handler =>
  (call) =>
    receiveOne(call, decode, async (request) => handle(request, call));

function receiveOne<Request>(call: Call, decode: Decode<Request>, serve: (request: Request) => Promise<void>): void {
  let message: Buffer | undefined;
  call.receive(
    (bytes) => {
      if (message !== undefined) throw new CallError(status.INVALID_ARGUMENT, 'This call takes one message.');
      message = bytes;
    },
    () => {
      if (message === undefined) return call.fail(new CallError(status.INVALID_ARGUMENT, 'This call takes one message.'));
      let request: Request;
      try {
        request = decode(message);
      } catch (error) {
        return call.fail(new CallError(status.INVALID_ARGUMENT, `The request is not what this call takes: ${String(error)}.`));
      }
      serve(request).catch((error: unknown) => call.fail(error));
    },
  );
}
