// What an append asks for, decoded straight from the wire: `BatchAppendReq` and `AppendReq`, whose options and proposed messages share
// one layout. Hand-written because it is the hottest path of the node; a test holds it against the generated encoder.

import { WireReader } from '../../protobuf.js';

/** A number is an exact revision. */
export type Expected = number | 'any' | 'no-stream' | 'exists';

export interface Target {
  readonly stream: string;
  /** The name's UTF-8 bytes. */
  readonly name: Buffer;
  readonly expected: Expected;
  /** Milliseconds since the Unix epoch; absent on the single call, whose deadline is the transport's. */
  readonly deadline: number | undefined;
}

export interface ProposedEvent {
  /** Lower case, with hyphens; `undefined` if what was sent is not a UUID. */
  readonly id: string | undefined;
  /** UTF-8. Empty if absent. */
  readonly type: Buffer;
  readonly json: boolean;
  readonly metadata: Buffer;
  readonly data: Buffer;
  /** The property that every event must have, and this one does not. */
  readonly lacks?: 'type' | 'content-type' | undefined;
}

export interface BatchMessage {
  /** The encoded UUID, to be sent back as it came. */
  readonly correlation: Buffer;
  readonly target: Target | undefined;
  readonly events: readonly ProposedEvent[];
  readonly isFinal: boolean;
}

const none: Buffer = Buffer.alloc(0);
const JSON_TYPE = Buffer.from('application/json');
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Decodes a message of the batch stream. The buffers are views of `bytes`. @throws RangeError if it is malformed */
export function decodeBatchMessage(bytes: Buffer): BatchMessage {
  const reader = new WireReader(bytes);
  let correlation = none;
  let target: Target | undefined;
  const events: ProposedEvent[] = [];
  let isFinal = false;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) correlation = reader.chunk();
    else if (tag === 0x12) target = decodeTarget(reader.message());
    else if (tag === 0x1a) events.push(decodeEvent(reader.message()));
    else if (tag === 0x20) isFinal = reader.uint() !== 0;
    else reader.skip(tag);
  }
  return { correlation, target, events, isFinal };
}

/** Decodes a message of the single call: the options first, then an event each. @throws RangeError if it is malformed */
export function decodeAppendMessage(bytes: Buffer): { target?: Target; event?: ProposedEvent } {
  const reader = new WireReader(bytes);
  const message: { target?: Target; event?: ProposedEvent } = {};
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) message.target = decodeTarget(reader.message());
    else if (tag === 0x12) message.event = decodeEvent(reader.message());
    else reader.skip(tag);
  }
  return message;
}

function decodeTarget(reader: WireReader): Target {
  let name = none;
  let expected: Expected = 0;
  let deadline: number | undefined;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) name = decodeStreamName(reader.message());
    else if (tag === 0x10) expected = reader.uint();
    else if (tag === 0x1a) {
      expected = 'no-stream';
      reader.skip(tag);
    } else if (tag === 0x22) {
      expected = 'any';
      reader.skip(tag);
    } else if (tag === 0x2a) {
      expected = 'exists';
      reader.skip(tag);
    } else if (tag === 0x32) deadline = decodeTimestamp(reader.message());
    else reader.skip(tag);
  }
  return { stream: name.toString('utf8'), name, expected, deadline };
}

function decodeStreamName(reader: WireReader): Buffer {
  let name = none;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x1a) name = reader.chunk();
    else reader.skip(tag);
  }
  return name;
}

function decodeTimestamp(reader: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x08) seconds = reader.uint();
    else if (tag === 0x10) nanos = reader.uint();
    else reader.skip(tag);
  }
  // A time before 1970 is a negative number, which the wire shows as a huge one.
  return seconds > Number.MAX_SAFE_INTEGER ? 0 : seconds * 1000 + nanos / 1e6;
}

function decodeEvent(reader: WireReader): ProposedEvent {
  let id: string | undefined;
  let type = none;
  let json = false;
  let typed = false;
  let hasContentType = false;
  let metadata = none;
  let data = none;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) id = decodeUuid(reader.message());
    else if (tag === 0x12) {
      const entry = reader.message();
      let key = '';
      let value = none;
      while (entry.more) {
        const field = entry.uint();
        if (field === 0x0a) key = entry.text();
        else if (field === 0x12) value = entry.chunk();
        else entry.skip(field);
      }
      if (key === 'type') {
        type = value;
        typed = true;
      } else if (key === 'content-type') {
        json = value.equals(JSON_TYPE);
        hasContentType = true;
      }
    } else if (tag === 0x1a) metadata = reader.chunk();
    else if (tag === 0x22) data = reader.chunk();
    else reader.skip(tag);
  }
  const lacks = !typed ? 'type' : !hasContentType ? 'content-type' : undefined;
  return { id, type, json, metadata, data, lacks };
}

function decodeUuid(reader: WireReader): string | undefined {
  let most = 0n;
  let least = 0n;
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x12) {
      const text = reader.text();
      if (UUID.test(text)) return text;
      const lower = text.toLowerCase();
      return UUID.test(lower) ? lower : undefined;
    }
    if (tag === 0x0a) {
      const halves = reader.message();
      while (halves.more) {
        const field = halves.uint();
        if (field === 0x08) most = halves.uint64();
        else if (field === 0x10) least = halves.uint64();
        else halves.skip(field);
      }
    } else reader.skip(tag);
  }
  return uuidOfHalves(most, least);
}

function uuidOfHalves(most: bigint, least: bigint): string {
  const hex = most.toString(16).padStart(16, '0') + least.toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
