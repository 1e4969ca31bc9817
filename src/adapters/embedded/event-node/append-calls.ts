// The two ways to append: the batch stream, on which every request is answered once under its correlation id, and the single call.

import streams from '@eventstore/db-client/generated/streams_pb.js';
import { batchSuccess } from './answers.js';
import { appendResponse, batchFailure, callErrorFor } from './append-answers.js';
import { type Appender, countedBytes, MAX_APPEND_BYTES } from './appender.js';
import { closing } from './call-error.js';
import { type Gate, gateError } from './gate.js';
import type { Call } from './grpc/call.js';
import type { Handler } from './grpc/methods.js';
import { CallError, status } from './grpc/status.js';
import type { Journal } from './journal.js';
import type { OpenCalls } from './open-calls.js';
import { type BatchMessage, decodeAppendMessage, decodeBatchMessage, type ProposedEvent, type Target } from './proposal.js';

interface Partial {
  readonly target: Target;
  readonly events: ProposedEvent[];
  bytes: number;
  /** Answers Timeout when the deadline passes before the last part has come. */
  readonly expiry: NodeJS.Timeout;
}

/** What one stream may hold of appends that are not complete. */
const UNFINISHED_APPENDS = 1024;
const UNFINISHED_BYTES = 16 * 1024 * 1024;
const LONGEST_UNFINISHED_MS = 60_000;

/** The handler of Streams.BatchAppend. */
export function batchAppendHandler(appender: Appender, journal: Journal, calls: OpenCalls, gate: Gate): Handler {
  return (call) => {
    const refused = gate(call.headers);
    if (refused === 'unknown') return call.fail(gateError(refused));
    const leave = calls.enter(() => {
      call.pause();
      journal.whenSettled(() => call.fail(new CallError(status.CANCELLED, closing().message)));
    });
    const open = new Map<string, Partial>();
    let unfinishedBytes = 0;
    let unanswered = 0;
    let ended = false;

    call.onClosed(() => {
      leave();
      for (const { expiry } of open.values()) clearTimeout(expiry);
      open.clear();
    });

    const answer = (bytes: Buffer): void => {
      unanswered -= 1;
      call.write(bytes);
      if (ended && unanswered === 0) call.end();
    };

    const submit = (correlation: Buffer, target: Target, events: readonly ProposedEvent[]): void => {
      unanswered += 1;
      if (refused !== undefined) {
        answer(batchFailure(correlation, target, { kind: 'access-denied' }));
        return;
      }
      appender.append(target, events, (outcome) =>
        answer(
          outcome.kind === 'written'
            ? batchSuccess(correlation, target, outcome.revision, outcome.position)
            : batchFailure(correlation, target, outcome),
        ),
      );
    };

    const receive = ({ correlation, target, events, isFinal }: BatchMessage): void => {
      const key = correlation.toString('latin1');
      const begun = open.get(key);
      if (begun === undefined && isFinal && target !== undefined) {
        submit(correlation, target, events);
        return;
      }
      // Without options it belongs to no append that is known: its deadline has passed, say, and it was answered then.
      const partial = begun ?? (target === undefined ? undefined : begin(key, correlation, target));
      if (partial === undefined) return;
      for (const event of events) {
        if (partial.bytes > MAX_APPEND_BYTES) break;
        partial.events.push(event);
        partial.bytes += countedBytes(event);
        unfinishedBytes += countedBytes(event);
      }
      if (open.size > UNFINISHED_APPENDS || unfinishedBytes > UNFINISHED_BYTES)
        throw new CallError(
          status.RESOURCE_EXHAUSTED,
          `A stream holds at most ${UNFINISHED_APPENDS} unfinished appends of ${UNFINISHED_BYTES} bytes together.`,
        );
      if (!isFinal) return;
      finish(key, partial);
      submit(correlation, partial.target, partial.events);
    };

    function begin(key: string, correlation: Buffer, target: Target): Partial {
      const { deadline = Date.now() + LONGEST_UNFINISHED_MS } = target;
      const partial: Partial = {
        target,
        events: [],
        bytes: 0,
        expiry: setTimeout(
          () => {
            finish(key, partial);
            unanswered += 1;
            answer(batchFailure(correlation, target, { kind: 'timeout' }));
          },
          Math.min(Math.max(deadline - Date.now(), 0), LONGEST_UNFINISHED_MS),
        ),
      };
      open.set(key, partial);
      return partial;
    }

    function finish(key: string, partial: Partial): void {
      clearTimeout(partial.expiry);
      open.delete(key);
      unfinishedBytes -= partial.bytes;
    }

    call.receive(
      (message) => {
        receive(decodeBatchMessage(message));
        if (journal.congested) holdBack(call, new Promise((resolve) => journal.whenSettled(resolve)));
        else if (call.isFull) holdBack(call, call.drained());
      },
      () => {
        ended = true;
        if (unanswered === 0) call.end();
      },
    );
  };
}

function holdBack(call: Call, until: Promise<unknown>): void {
  call.pause();
  void until.then(() => call.resume());
}

/** The handler of Streams.Append. */
export function appendHandler(appender: Appender): Handler {
  return (call) => {
    const events: ProposedEvent[] = [];
    let target: Target | undefined;
    let bytes = 0;
    call.receive(
      (message) => {
        const { target: options, event } = decodeAppendMessage(message);
        target ??= options;
        if (event === undefined) return;
        if (bytes <= MAX_APPEND_BYTES) events.push(event);
        bytes += countedBytes(event);
      },
      () => {
        if (target === undefined)
          throw new CallError(status.INVALID_ARGUMENT, 'The first message of an append carries its options.');
        const { stream, expected } = target;
        appender.append(target, events, (outcome) => {
          const response = appendResponse(outcome, expected);
          if (!(response instanceof streams.AppendResp)) return call.fail(callErrorFor(response, stream));
          call.write(response.serializeBinary());
          call.end();
        });
      },
    );
  };
}
