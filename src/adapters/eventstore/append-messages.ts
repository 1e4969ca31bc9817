// One append as BatchAppend's bytes. Written by hand because the generated stubs cost
// more CPU than the rest of an append (docs/decisions/0001); a test holds the two to each other, byte for byte.

import type { ExpectedRevision, NewEvent } from '../../domain/log/event-store.js';
import { fieldSize, mapEntry, varintSize, writeVarint } from '../protobuf.js';

const uuidLength = 36;

/** Writes a tag (field number and wire type in one byte) and a number: a value, or the length of what then follows. */
function writeTagged(target: Buffer, tag: number, value: number, offset: number): number {
  target[offset] = tag;
  return writeVarint(target, value, offset + 1);
}

/** As proto3 has it: an empty field is left out. */
const bytesSize = (bytes: Uint8Array): number => (bytes.length === 0 ? 0 : fieldSize(bytes.length));

function writeBytes(target: Buffer, tag: number, bytes: Uint8Array, offset: number): number {
  if (bytes.length === 0) return offset;
  const at = writeTagged(target, tag, bytes.length, offset);
  target.set(bytes, at);
  return at + bytes.length;
}

/** The map entry `type`, up to the value's length; EventStoreDB keeps an event's type and content type in a map. */
const typeKey = Buffer.from([0x0a, 4, ...Buffer.from('type'), 0x12]);
const json = mapEntry('content-type', 'application/json');
const binary = mapEntry('content-type', 'application/octet-stream');

/** The platform's events are JSON; those that are copied from elsewhere may be anything. */
export interface EncodedEvent extends NewEvent {
  readonly isJson?: boolean;
}

const contentTypeOf = ({ isJson = true }: EncodedEvent): Buffer => (isJson ? json : binary);

interface Measured {
  readonly event: EncodedEvent;
  readonly type: number;
  readonly entry: number;
  readonly size: number;
}

function measure(event: EncodedEvent): Measured {
  if (event.id.length !== uuidLength) throw new TypeError(`The event id ${event.id} is not a UUID.`);
  const type = Buffer.byteLength(event.type);
  const entry = typeKey.length + varintSize(type) + type;
  const variable = fieldSize(entry) + bytesSize(event.metadata) + bytesSize(event.data);
  return { event, type, entry, size: fieldSize(fieldSize(uuidLength)) + fieldSize(contentTypeOf(event).length) + variable };
}

function writeEvent(target: Buffer, { event, type, entry, size }: Measured, offset: number): number {
  let at = writeTagged(target, 0x1a, size, offset);
  at = writeTagged(target, 0x0a, fieldSize(uuidLength), at);
  at = writeTagged(target, 0x12, uuidLength, at);
  at += target.write(event.id, at, 'latin1');
  at = writeBytes(target, 0x12, contentTypeOf(event), at);
  at = writeTagged(target, 0x12, entry, at);
  at += typeKey.copy(target, at);
  at = writeVarint(target, type, at);
  at += target.write(event.type, at);
  at = writeBytes(target, 0x1a, event.metadata, at);
  return writeBytes(target, 0x22, event.data, at);
}

/**
 * Encodes a whole append as one BatchAppendReq.
 * @param call a number of its own for each call; with `correlation`, which counts the call's appends from 1, it makes a UUID.
 * @param deadline milliseconds since the epoch: past it the server answers `Timeout`.
 */
export function encodeAppend(
  call: number,
  correlation: number,
  stream: string,
  events: readonly EncodedEvent[],
  expected: ExpectedRevision,
  deadline: number,
): Buffer {
  const measured = events.map(measure);
  const name = Buffer.byteLength(stream);
  const seconds = Math.floor(deadline / 1000);
  const nanoseconds = (deadline % 1000) * 1e6;
  const id = 1 + varintSize(call) + 1 + varintSize(correlation);
  const expectedSize = expected === 'no-stream' ? 2 : 1 + varintSize(expected);
  const deadlineSize = 1 + varintSize(seconds) + (nanoseconds === 0 ? 0 : 1 + varintSize(nanoseconds));
  const options = fieldSize(fieldSize(name)) + expectedSize + fieldSize(deadlineSize);
  const fixed = fieldSize(fieldSize(id)) + fieldSize(options) + 2;

  const bytes = Buffer.allocUnsafe(measured.reduce((total, { size }) => total + fieldSize(size), fixed));
  let at = writeTagged(bytes, 0x0a, fieldSize(id), 0);
  at = writeTagged(bytes, 0x0a, id, at);
  at = writeTagged(bytes, 0x08, call, at);
  at = writeTagged(bytes, 0x10, correlation, at);
  at = writeTagged(bytes, 0x12, options, at);
  at = writeTagged(bytes, 0x0a, fieldSize(name), at);
  at = writeTagged(bytes, 0x1a, name, at);
  at += bytes.write(stream, at);
  at = expected === 'no-stream' ? writeTagged(bytes, 0x1a, 0, at) : writeTagged(bytes, 0x10, expected, at);
  at = writeTagged(bytes, 0x32, deadlineSize, at);
  at = writeTagged(bytes, 0x08, seconds, at);
  if (nanoseconds !== 0) at = writeTagged(bytes, 0x10, nanoseconds, at);
  for (const event of measured) at = writeEvent(bytes, event, at);
  writeTagged(bytes, 0x20, 1, at);
  return bytes;
}
