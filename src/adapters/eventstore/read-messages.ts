// The bytes of ReadResp as events. Written by hand because the client's own way parses every event's JSON, which the codec does again
// (docs/decisions/0001); a test holds it to the generated stubs.

import type { StoredEvent } from '../../domain/log/event-store.js';
import { WireReader } from '../protobuf.js';
import { readPosition } from './append-answers.js';

/** What a read or a subscription delivers. `other`: confirmations and checkpoints, of no matter to us. */
export type ReadMessage = StoredEvent | 'caught-up' | 'stream-not-found' | 'other';

const none: Buffer = Buffer.alloc(0);

/** The store's clock counts in units of 100 ns; four digits make a millisecond. */
const dateOfTicks = (ticks: string): Date => new Date(Number(ticks.slice(0, -4)));

function readNested(reader: WireReader, field: number): string {
  let text = '';
  while (reader.more) {
    const tag = reader.uint();
    if (tag === field) text = reader.text();
    else reader.skip(tag);
  }
  return text;
}

function readRecorded(reader: WireReader): StoredEvent | undefined {
  let id = '';
  let stream = '';
  let revision = 0;
  // As proto3 has it, a zero is left out.
  let position: bigint | null = 0n;
  let type = '';
  let created = '';
  let metadata = none;
  let data = none;
  while (reader.more) {
    const tag = reader.uint();
    switch (tag) {
      case 0x0a:
        id = readNested(reader.message(), 0x12);
        break;
      case 0x12:
        stream = readNested(reader.message(), 0x1a);
        break;
      case 0x18:
        revision = reader.uint();
        break;
      case 0x28:
        position = readPosition(reader);
        break;
      case 0x32: {
        const entry = reader.message();
        let key = '';
        while (entry.more) {
          const field = entry.uint();
          if (field === 0x0a) key = entry.text();
          else if (field === 0x12 && key === 'type') type = entry.text();
          else if (field === 0x12 && key === 'created') created = entry.text();
          else entry.skip(field);
        }
        break;
      }
      case 0x3a:
        metadata = reader.chunk();
        break;
      case 0x42:
        data = reader.chunk();
        break;
      default:
        reader.skip(tag);
    }
  }
  if (position === null) throw new RangeError(`The store does not say where ${stream}@${revision} stands in the log.`);
  return { id, type, data, metadata, stream, revision, position, created: dateOfTicks(created) };
}

/** Decodes a ReadResp. The event's bytes are views of the message's. @throws RangeError if it is not one, or lacks a position */
export function decodeReadMessage(bytes: Buffer): ReadMessage {
  const reader = new WireReader(bytes);
  let message: ReadMessage = 'other';
  while (reader.more) {
    const tag = reader.uint();
    if (tag === 0x0a) {
      const resolved = reader.message();
      while (resolved.more) {
        const field = resolved.uint();
        if (field === 0x0a) message = readRecorded(resolved.message()) ?? message;
        else resolved.skip(field);
      }
    } else {
      if (tag === 0x42) message = 'caught-up';
      else if (tag === 0x22) message = 'stream-not-found';
      reader.skip(tag);
    }
  }
  return message;
}
