// The small answers of the hot paths, encoded by hand: a batch append that succeeded, and what a subscription is told besides events.

import { varintSize, writeChunk, writeVarint } from '../../protobuf.js';
import type { Target } from './proposal.js';

/** `ReadResp` with `CaughtUp`. */
export const caughtUp = Buffer.from([0x42, 0]);

/** `ReadResp` with a filter's checkpoint. */
export function checkpoint(position: number): Buffer {
  const length = 2 * (1 + varintSize(position));
  const bytes = Buffer.allocUnsafe(2 + length);
  bytes[0] = 0x1a;
  bytes[1] = length;
  writePosition(bytes, position, 2);
  return bytes;
}

/** `BatchAppendResp` of a success. Without a position (an append of no events) it says so. */
export function batchSuccess(correlation: Buffer, target: Target, revision: number, position: number | undefined): Buffer {
  const { name, expected } = target;
  const positionSize = position === undefined ? 0 : 2 * (1 + varintSize(position));
  const success = 1 + varintSize(revision) + 2 + positionSize;
  const identifier = 1 + varintSize(name.length) + name.length;
  const bytes = Buffer.allocUnsafe(
    1 + varintSize(correlation.length) + correlation.length + 2 + success + 1 + varintSize(identifier) + identifier + 12,
  );
  let at = 0;
  bytes[at++] = 0x0a;
  at = writeVarint(bytes, correlation.length, at);
  at = writeChunk(bytes, correlation, at);
  bytes[at++] = 0x1a;
  bytes[at++] = success;
  bytes[at++] = 0x08;
  at = writeVarint(bytes, revision, at);
  bytes[at++] = position === undefined ? 0x22 : 0x1a;
  bytes[at++] = positionSize;
  if (position !== undefined) at = writePosition(bytes, position, at);
  bytes[at++] = 0x22;
  at = writeVarint(bytes, identifier, at);
  bytes[at++] = 0x1a;
  at = writeVarint(bytes, name.length, at);
  at = writeChunk(bytes, name, at);
  if (typeof expected === 'number') {
    bytes[at++] = 0x28;
    at = writeVarint(bytes, expected, at);
  } else {
    bytes[at++] = expected === 'no-stream' ? 0x32 : expected === 'any' ? 0x3a : 0x42;
    bytes[at++] = 0;
  }
  return bytes.subarray(0, at);
}

function writePosition(bytes: Buffer, position: number, offset: number): number {
  bytes[offset] = 0x08;
  const at = writeVarint(bytes, position, offset + 1);
  bytes[at] = 0x10;
  return writeVarint(bytes, position, at + 1);
}
