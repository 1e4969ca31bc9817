// The bytes of BatchAppendResp as what they say. The counterpart of append-messages.ts, held to the generated stubs in the same way.

import type { ExpectedRevision } from '../../domain/log/event-store.js';
import { WireReader } from '../protobuf.js';

/** What the server says to one append. `correlation` is the number that the append was sent under. */
export type AppendAnswer = { readonly correlation: number } & Answer;

type Answer =
  | { readonly outcome: 'appended'; readonly revision: number; readonly position: bigint | null }
  | { readonly outcome: 'conflict'; readonly actual: ExpectedRevision }
  /** `reason` is the name of the answer's detail message without its package, such as `Timeout`. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly message: string };

/** A uint64 that is a place in the log; `null` for EventStoreDB's way to say "none", 2^64 - 1. */
export function readPosition(reader: WireReader): bigint | null {
  const value = reader.uint();
  return value <= Number.MAX_SAFE_INTEGER ? BigInt(value) : null;
}

/** A UUID comes back as text or in halves, whatever form it was sent in. */
function readCorrelation(uuid: WireReader): number {
  let correlation = 0;
  while (uuid.more) {
    const tag = uuid.uint();
    if (tag === 0x12) correlation = Number.parseInt(uuid.text().slice(-17).replace('-', ''), 16);
    else if (tag === 0x0a) {
      const halves = uuid.message();
      while (halves.more) {
        const half = halves.uint();
        if (half === 0x10) correlation = halves.uint();
        else halves.skip(half);
      }
    } else uuid.skip(tag);
  }
  return correlation;
}

function readSuccess(success: WireReader): { readonly revision: number; readonly position: bigint | null } {
  let revision = 0;
  let position: bigint | null = null;
  while (success.more) {
    const tag = success.uint();
    if (tag === 0x08) revision = success.uint();
    else if (tag === 0x1a) {
      const both = success.message();
      // As proto3 has it, a zero is left out.
      position = 0n;
      while (both.more) {
        const field = both.uint();
        if (field === 0x08) position = readPosition(both);
        else both.skip(field);
      }
    } else success.skip(tag);
  }
  return { revision, position };
}

function readActual(conflict: WireReader): ExpectedRevision {
  let actual: ExpectedRevision = 'no-stream';
  while (conflict.more) {
    const tag = conflict.uint();
    if (tag === 0x08) actual = conflict.uint();
    else conflict.skip(tag);
  }
  return actual;
}

/** Reads a google.rpc.Status: a wrong expected revision, or why else not. */
function readError(status: WireReader): Answer {
  let message = '';
  let type = '';
  let detail = new WireReader(Buffer.alloc(0));
  while (status.more) {
    const tag = status.uint();
    if (tag === 0x12) message = status.text();
    else if (tag === 0x1a) {
      const any = status.message();
      while (any.more) {
        const field = any.uint();
        if (field === 0x0a) type = any.text();
        else if (field === 0x12) detail = any.message();
        else any.skip(field);
      }
    } else status.skip(tag);
  }
  const reason = type.slice(type.lastIndexOf('.') + 1);
  if (reason === 'WrongExpectedVersion') return { outcome: 'conflict', actual: readActual(detail) };
  return { outcome: 'refused', reason, message };
}

/** Decodes a BatchAppendResp. @throws RangeError if the bytes are not a message */
export function decodeAnswer(bytes: Buffer): AppendAnswer {
  const reader = new WireReader(bytes);
  let correlation = 0;
  let answer: Answer = { outcome: 'refused', reason: 'Unknown', message: 'The answer was empty.' };
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) correlation = readCorrelation(reader.message());
    else if (tag === 0x1a) answer = { outcome: 'appended', ...readSuccess(reader.message()) };
    else if (tag === 0x12) answer = readError(reader.message());
    else reader.skip(tag);
  }
  return { correlation, ...answer };
}
