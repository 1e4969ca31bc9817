// A subscription: confirmation, history, one CaughtUp, then live. It always pulls from the log, and only waits when it has seen all of
// it: so there is no moment between history and live, and a reader that stalls costs nothing but its place in the log.

import { randomUUID } from 'node:crypto';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { caughtUp, checkpoint } from './answers.js';
import { streamDeleted } from './call-error.js';
import type { Call } from './grpc/call.js';
import type { Journal } from './journal.js';
import type { Reader } from './reader.js';
import { scan } from './scan.js';

/** Wakes whoever waits for more of the log. */
export interface Publications {
  /** Resolves once `ready` holds, which is looked at now and after every publication, or the call is released. */
  until(ready: () => boolean, call: Call): Promise<void>;
  /** Lets a call that has closed go. */
  release(call: Call): void;
}

/** Publications of this journal. */
export function publicationsOf(journal: Journal): Publications {
  const waiting = new Map<Call, { ready: () => boolean; resume: () => void }>();
  journal.onPublished(() => {
    for (const [call, { ready, resume }] of waiting) {
      if (!ready()) continue;
      waiting.delete(call);
      resume();
    }
  });
  return {
    until(ready, call) {
      if (call.closed || ready()) return Promise.resolve();
      return new Promise((resume) => {
        waiting.set(call, { ready, resume });
      });
    },
    release(call) {
      waiting.get(call)?.resume();
      waiting.delete(call);
    },
  };
}

/** Serves the subscription until its reader is gone. `from` is the first count that it wants. */
export async function subscribe(reader: Reader, from: number, publications: Publications, call: Call): Promise<void> {
  const { sequence, filter, rendering } = reader;
  const every = filter?.checkpointEvery ?? Number.POSITIVE_INFINITY;
  call.onClosed(() => publications.release(call));
  call.write(confirmation());
  let at = from;
  let isLive = false;
  let nextCheckpoint = from + every - 1;
  while (!call.closed) {
    at = Math.max(at, sequence.start());
    const to = sequence.end();
    if (at >= to) {
      if (sequence.isOver()) return call.fail(streamDeleted(reader.name));
      if (!isLive) {
        if (filter !== undefined && to > from) call.write(checkpoint(sequence.positionAt(to - 1)));
        call.write(caughtUp);
        isLive = true;
      }
      await publications.until(() => sequence.end() > at, call);
      continue;
    }
    const { counts, events: loading, wanted, considered } = scan(reader, at, to);
    const events = Array.isArray(loading) ? loading : await loading;
    at += considered;
    for (const [i, stored] of events.entries()) {
      if (nextCheckpoint < (counts[i] ?? 0)) await passCheckpoints(counts[i] ?? 0);
      if (call.closed) return;
      if (wanted !== undefined && !wanted(stored)) continue;
      if (!call.write(rendering === undefined ? stored : await rendering(stored))) await call.drained();
    }
    if (nextCheckpoint < at) await passCheckpoints(at);
    if (events.length === 0 && at < to) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends what is due for the events below this count. */
  async function passCheckpoints(count: number): Promise<void> {
    for (; nextCheckpoint < count && !call.closed; nextCheckpoint += every) {
      if (!call.write(checkpoint(sequence.positionAt(nextCheckpoint)))) await call.drained();
    }
  }
}

function confirmation(): Buffer {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(randomUUID());
  const response = new streams.ReadResp();
  response.setConfirmation(confirmed);
  return Buffer.from(response.serializeBinary());
}
