// The unit of the log on disk: one append is one frame, whole or not there. Little endian:
//   0 length of the frame (u32) | 4 crc32 of what follows (u32) | 8 its position (u64) | 16 the position up to which the log was durable
//   when it was written (u64) | 24 revision of its first event (u64) | 32 events (u32) | 36 bytes of the stream's name (u16) |
//   38 kind (u16): 0 events, 1 a tombstone, its stream's last event | 40 the name | then each event: length (u32), stored event
// A position is a logical offset: it grows by a frame's bytes and never depends on the file that holds it. An event's position is that of
// its length field. The durable position tells a torn write (never acknowledged) from damage (acknowledged, and now unreadable).

import { crc32 } from 'node:zlib';
import { writeChunk } from '../../protobuf.js';

export const FRAME_HEADER = 40;
export const EVENT_HEADER = 4;
/** Longest stream name in bytes that a frame can hold. */
export const MAX_NAME = 0xffff;
/** No frame is longer: an append holds at most 1 MiB, and its events' ids and names beside it. */
export const MAX_FRAME = 512 * 1024 * 1024;
export const KIND_EVENTS = 0;
/** Holds the one event that ends a stream for good. */
export const KIND_TOMBSTONE = 1;

export interface FrameHeader {
  readonly length: number;
  readonly position: number;
  readonly durable: number;
  readonly revision: number;
  readonly events: number;
  readonly nameLength: number;
  readonly kind: number;
}

/** Fills in the header and the name; the events are already in place behind them. */
export function sealFrame(bytes: Buffer, frame: FrameHeader, name: Buffer): void {
  bytes.writeUInt32LE(frame.length, 0);
  writeUint64(bytes, frame.position, 8);
  writeUint64(bytes, frame.durable, 16);
  writeUint64(bytes, frame.revision, 24);
  bytes.writeUInt32LE(frame.events, 32);
  bytes.writeUInt16LE(frame.nameLength, 36);
  bytes.writeUInt16LE(frame.kind, 38);
  writeChunk(bytes, name, FRAME_HEADER);
  bytes.writeUInt32LE(crc32(bytes.subarray(8, frame.length)), 4);
}

/**
 * The header at this offset, if it could be one: the frame ends before `limit`, and names a position between these two, both inclusive.
 * Its sum is not checked.
 */
export function frameAt(bytes: Buffer, offset: number, limit: number, from: number, to = from): FrameHeader | undefined {
  if (offset + FRAME_HEADER > bytes.length) return undefined;
  const length = wordAt(bytes, offset);
  if (length < FRAME_HEADER || offset + length > limit) return undefined;
  const position = readUint64(bytes, offset + 8);
  if (position < from || position > to) return undefined;
  const lengthAndKind = wordAt(bytes, offset + 36);
  return {
    length,
    position,
    durable: readUint64(bytes, offset + 16),
    revision: readUint64(bytes, offset + 24),
    events: wordAt(bytes, offset + 32),
    nameLength: lengthAndKind & 0xffff,
    kind: lengthAndKind >>> 16,
  };
}

/** Whether the whole frame at this offset is what was written. */
export function isIntact(bytes: Buffer, offset: number, length: number): boolean {
  return offset + length <= bytes.length && crc32(bytes.subarray(offset + 8, offset + length)) === bytes.readUInt32LE(offset + 4);
}

/** Bytes of the stored event whose length field is at this offset. */
export const eventLengthAt = (bytes: Buffer, offset: number): number => wordAt(bytes, offset);

function writeUint64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value % 0x100000000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x100000000), offset + 4);
}

function readUint64(bytes: Buffer, offset: number): number {
  return wordAt(bytes, offset) + wordAt(bytes, offset + 4) * 0x100000000;
}

/** Four bytes as a number: a scan reads ten million headers, and `readUInt32LE` takes longer for what it checks. */
export function wordAt(bytes: Buffer, offset: number): number {
  const low = (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16);
  return (low | ((bytes[offset + 3] ?? 0) << 24)) >>> 0;
}
