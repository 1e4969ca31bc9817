// How an event stands in the log: as the complete `ReadResp` that a reader is sent, so that serving it costs no encoding. The layout is
// the protocol's own; a test holds it against the generated decoder.

import { fieldSize, mapEntry, varintSize, WireReader, writeChunk, writeVarint } from '../../protobuf.js';
import type { ProposedEvent } from './proposal.js';

/** The parts of a stored event that the node itself looks at. The buffers are views. */
export interface StoredParts {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
  readonly data: Buffer;
}

const UUID_LENGTH = 36;
const ID_FIELD = 2 + 2 + UUID_LENGTH;
const typeKey = Buffer.concat([Buffer.from([0x0a, 4]), Buffer.from('type'), Buffer.from([0x12])]);
const createdKey = Buffer.concat([Buffer.from([0x0a, 7]), Buffer.from('created'), Buffer.from([0x12])]);
const jsonEntry = mapEntry('content-type', 'application/json');
const binaryEntry = mapEntry('content-type', 'application/octet-stream');

/** The revision that a tombstone shows, 2^63 - 1, which no double holds. */
export const TOMBSTONE_REVISION = Number.POSITIVE_INFINITY;
const tombstoneVarint = Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 127]);

/** What all events of one append share. */
export interface Placement {
  /** The stream's name in UTF-8. */
  readonly name: Buffer;
  /** `created` as ASCII digits: ticks of 100 ns since the Unix epoch. */
  readonly ticks: Buffer;
}

/** The bytes of an event at this revision and position. The position is part of it, so that it must be known first. */
export function storedSize(event: ProposedEvent, placement: Placement, revision: number, position: number): number {
  const recorded = recordedSize(event, placement, revision, position);
  const outer = fieldSize(recorded) + 1 + varintSize(position);
  return fieldSize(outer);
}

/** Writes the event into `target` at `offset`; returns the offset behind it. */
export function writeStored(
  target: Buffer,
  offset: number,
  event: ProposedEvent,
  placement: Placement,
  revision: number,
  position: number,
): number {
  const { name, ticks } = placement;
  const recorded = recordedSize(event, placement, revision, position);
  let at = offset;
  target[at++] = 0x0a;
  at = writeVarint(target, fieldSize(recorded) + 1 + varintSize(position), at);
  target[at++] = 0x0a;
  at = writeVarint(target, recorded, at);
  target[at++] = 0x0a;
  target[at++] = 2 + UUID_LENGTH;
  target[at++] = 0x12;
  target[at++] = UUID_LENGTH;
  at += target.write(event.id ?? '', at, UUID_LENGTH, 'latin1');
  target[at++] = 0x12;
  at = writeVarint(target, fieldSize(name.length), at);
  at = writeBytes(target, 0x1a, name, at);
  target[at++] = 0x18;
  at = revision === TOMBSTONE_REVISION ? at + tombstoneVarint.copy(target, at) : writeVarint(target, revision, at);
  target[at++] = 0x20;
  at = writeVarint(target, position, at);
  target[at++] = 0x28;
  at = writeVarint(target, position, at);
  target[at++] = 0x32;
  at = writeVarint(target, typeEntrySize(event.type), at);
  at = writeChunk(target, typeKey, at);
  at = writeVarint(target, event.type.length, at);
  at = writeChunk(target, event.type, at);
  at = writeBytes(target, 0x32, event.json ? jsonEntry : binaryEntry, at);
  target[at++] = 0x32;
  target[at++] = createdKey.length + 1 + ticks.length;
  at = writeChunk(target, createdKey, at);
  target[at++] = ticks.length;
  at = writeChunk(target, ticks, at);
  if (event.metadata.length > 0) at = writeBytes(target, 0x3a, event.metadata, at);
  if (event.data.length > 0) at = writeBytes(target, 0x42, event.data, at);
  target[at++] = 0x18;
  return writeVarint(target, position, at);
}

/** Reads the parts of a stored event. @throws RangeError if the bytes are not one */
export function readStored(bytes: Buffer): StoredParts {
  const reader = recordedOf(bytes);
  const parts = { id: '', stream: '', type: '', created: 0, data: bytes.subarray(0, 0) };
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) parts.id = onlyField(reader.message(), 0x12);
    else if (tag === 0x12) parts.stream = onlyField(reader.message(), 0x1a);
    else if (tag === 0x42) parts.data = reader.chunk();
    else if (tag === 0x32) {
      const [key, value] = readEntry(reader.message());
      if (key === 'type') parts.type = value;
      else if (key === 'created') parts.created = Math.floor(Number(value) / 10_000);
    } else reader.skip(tag);
  }
  return parts;
}

/** The event's id alone, which stands first. */
export function storedId(bytes: Buffer): string {
  const reader = recordedOf(bytes);
  reader.uint();
  return onlyField(reader.message(), 0x12);
}

function recordedOf(bytes: Buffer): WireReader {
  const response = new WireReader(bytes);
  response.uint();
  const event = response.message();
  event.uint();
  return event.message();
}

function onlyField(reader: WireReader, wanted: number): string {
  while (reader.more) {
    const tag = reader.uint();
    if (tag === wanted) return reader.text();
    reader.skip(tag);
  }
  return '';
}

function readEntry(reader: WireReader): [string, string] {
  const entry: [string, string] = ['', ''];
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) entry[0] = reader.text();
    else if (tag === 0x12) entry[1] = reader.text();
    else reader.skip(tag);
  }
  return entry;
}

function recordedSize(event: ProposedEvent, { name, ticks }: Placement, revision: number, position: number): number {
  return (
    ID_FIELD +
    fieldSize(fieldSize(name.length)) +
    (1 + (revision === TOMBSTONE_REVISION ? tombstoneVarint.length : varintSize(revision))) +
    2 * (1 + varintSize(position)) +
    fieldSize(typeEntrySize(event.type)) +
    fieldSize((event.json ? jsonEntry : binaryEntry).length) +
    fieldSize(createdKey.length + 1 + ticks.length) +
    (event.metadata.length > 0 ? fieldSize(event.metadata.length) : 0) +
    (event.data.length > 0 ? fieldSize(event.data.length) : 0)
  );
}

const typeEntrySize = (type: Buffer): number => typeKey.length + varintSize(type.length) + type.length;

function writeBytes(target: Buffer, tag: number, bytes: Buffer, offset: number): number {
  target[offset] = tag;
  const at = writeVarint(target, bytes.length, offset + 1);
  return writeChunk(target, bytes, at);
}
