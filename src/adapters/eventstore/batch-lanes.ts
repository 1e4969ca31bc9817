// Several BatchAppend calls over one connection, used as one. grpc-js hands a call's next message to the socket only when the one before
// it has left, so one call sends one append a turn of the event loop, with a system call each; side by side they leave together.

import { decodeAnswer } from './append-answers.js';
import { type BatchStream, batchStream } from './batch-stream.js';
import { batchAppend, type Connection } from './connection.js';

export interface BatchLanesSettings {
  readonly timeoutMs: number;
  readonly onAnswer: () => void;
  /** Nothing can be sent any more. Called once. */
  readonly onEnd: (why: string) => void;
}

const lanes = 4;
const asItIs = (message: Buffer): Buffer => message;

/**
 * Opens the calls. They end together: when one breaks, the appends that wait on all of them end in `OutcomeUnknown`.
 * What goes to one stream goes over one call, so that it arrives in the order in which it was sent.
 * @throws if there is no connection within the time; then nothing was sent
 */
export async function openBatchLanes(
  connection: Connection,
  readyWithinMs: number,
  { timeoutMs, onAnswer, onEnd }: BatchLanesSettings,
): Promise<BatchStream> {
  const calls: BatchStream[] = [];
  let endedBy: string | undefined;
  let opened = false;
  let answeredAt = 0;

  function end(why: string): void {
    if (endedBy !== undefined) return;
    endedBy = why;
    for (const call of calls) call.end(why);
    if (opened) onEnd(why);
  }

  function answered(): void {
    answeredAt = performance.now();
    onAnswer();
  }

  /** One append may be stuck; a server that answers nobody is not there, whatever the network says. */
  function timedOut(sentAt: number): void {
    if (answeredAt < sentAt) end(`the event store has answered nothing for ${timeoutMs} ms`);
  }

  async function open(wait: { readonly readyWithinMs?: number }): Promise<BatchStream> {
    const call = await connection.call({ name: 'append', requiresLeader: true, ...wait }, (client, metadata, options) =>
      client.makeBidiStreamRequest(batchAppend.path, asItIs, decodeAnswer, metadata, options),
    );
    const stream = batchStream(call, { timeoutMs, onAnswer: answered, onTimeout: timedOut, onEnd: end });
    calls.push(stream);
    if (endedBy !== undefined) stream.end(endedBy);
    return stream;
  }

  const first = await open({ readyWithinMs });
  try {
    await Promise.all(Array.from({ length: lanes - 1 }, () => open({})));
  } catch (error) {
    end(error instanceof Error ? error.message : String(error));
  }
  if (endedBy !== undefined) throw new Error(endedBy);
  opened = true;

  return {
    get pending() {
      return calls.reduce((sum, call) => sum + call.pending, 0);
    },
    append(stream, events, expected) {
      const lane = calls[stream.charCodeAt(stream.length - 1) % lanes] ?? first;
      return lane.append(stream, events, expected);
    },
    end,
  };
}
