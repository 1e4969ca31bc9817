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
const TYPE_KEY = Buffer.from('type');
const CONTENT_TYPE_KEY = Buffer.from('content-type');
const JSON_TYPE = Buffer.from('application/json');
const UUID_LENGTH = 36;
const HYPHEN = 0x2d;

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
    else if (tag === 0x12) target = decodeTarget(reader);
    else if (tag === 0x1a) events.push(decodeEvent(reader));
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
    if (tag === 0x0a) message.target = decodeTarget(reader);
    else if (tag === 0x12) message.event = decodeEvent(reader);
    else reader.skip(tag);
  }
  return message;
}

function decodeTarget(reader: WireReader): Target {
  let name = none;
  let expected: Expected = 0;
  let deadline: number | undefined;
  for (const end = reader.enter(); reader.before(end); ) {
    const tag = reader.uint();
    if (tag === 0x0a) name = decodeStreamName(reader);
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
    } else if (tag === 0x32) deadline = decodeTimestamp(reader);
    else reader.skip(tag);
  }
  return { stream: name.toString('utf8'), name, expected, deadline };
}

function decodeStreamName(reader: WireReader): Buffer {
  let name = none;
  for (const end = reader.enter(); reader.before(end); ) {
    const tag = reader.uint();
    if (tag === 0x1a) name = reader.chunk();
    else reader.skip(tag);
  }
  return name;
}

function decodeTimestamp(reader: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  for (const end = reader.enter(); reader.before(end); ) {
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
  let type: Buffer | undefined;
  let json = false;
  let hasContentType = false;
  let metadata = none;
  let data = none;
  for (const end = reader.enter(); reader.before(end); ) {
    const tag = reader.uint();
    if (tag === 0x0a) id = decodeUuid(reader);
    else if (tag === 0x12) {
      let key = none;
      let value = none;
      for (const entryEnd = reader.enter(); reader.before(entryEnd); ) {
        const field = reader.uint();
        if (field === 0x0a) key = reader.chunk();
        else if (field === 0x12) value = reader.chunk();
        else reader.skip(field);
      }
      if (isSame(key, TYPE_KEY)) type = value;
      else if (isSame(key, CONTENT_TYPE_KEY)) {
        json = isSame(value, JSON_TYPE);
        hasContentType = true;
      }
    } else if (tag === 0x1a) metadata = reader.chunk();
    else if (tag === 0x22) data = reader.chunk();
    else reader.skip(tag);
  }
  const lacks = type === undefined ? 'type' : !hasContentType ? 'content-type' : undefined;
  return { id, type: type ?? none, json, metadata, data, lacks };
}

/** For a few bytes: calling out of JavaScript would take longer. */
function isSame(bytes: Buffer, expected: Buffer): boolean {
  if (bytes.length !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[i] !== expected[i]) return false;
  return true;
}

function decodeUuid(reader: WireReader): string | undefined {
  let text: string | undefined;
  let isText = false;
  let most = 0n;
  let least = 0n;
  for (const end = reader.enter(); reader.before(end); ) {
    const tag = reader.uint();
    if (tag === 0x12) {
      text = uuidOfText(reader.chunk());
      isText = true;
    } else if (tag === 0x0a) {
      for (const halvesEnd = reader.enter(); reader.before(halvesEnd); ) {
        const field = reader.uint();
        if (field === 0x08) most = reader.uint64();
        else if (field === 0x10) least = reader.uint64();
        else reader.skip(field);
      }
    } else reader.skip(tag);
  }
  return isText ? text : uuidOfHalves(most, least);
}

/** Its digits may be of either case. */
function uuidOfText(bytes: Buffer): string | undefined {
  if (bytes.length !== UUID_LENGTH) return undefined;
  let isLower = true;
  for (let i = 0; i < UUID_LENGTH; i++) {
    const byte = bytes[i] ?? 0;
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (byte !== HYPHEN) return undefined;
    } else if (byte >= 0x41 && byte <= 0x46) isLower = false;
    else if (!((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66))) return undefined;
  }
  const text = bytes.toString('latin1');
  return isLower ? text : text.toLowerCase();
}

function uuidOfHalves(most: bigint, least: bigint): string {
  const hex = most.toString(16).padStart(16, '0') + least.toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
