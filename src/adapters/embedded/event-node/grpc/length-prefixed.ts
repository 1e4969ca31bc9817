// Messages on the wire: each behind a flag (one byte, 1: compressed) and its length (four bytes, big endian). What a stream carries are
// messages end to end, cut into chunks anywhere.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

import { CallError, status } from './status.js';

const PREFIX = 5;

/** The bytes that these messages take on the wire. */
export const prefixedSize = (message: Uint8Array): number => PREFIX + message.length;

/** All of these messages, end to end. `size` is the sum of their `prefixedSize`. */
export function prefixed(messages: readonly Uint8Array[], size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    bytes[at] = 0;
    bytes.writeUInt32BE(message.length, at + 1);
    bytes.set(message, at + PREFIX);
    at += PREFIX + message.length;
  }
  return bytes;
}

/** Puts a stream's chunks together to messages. */
export interface MessageAssembler {
  /** Hands out the messages that this chunk completes, as views. @throws CallError if one is compressed, or larger than the limit */
  take(chunk: Buffer, onMessage: (message: Buffer) => void): void;
  /** Whether a part of a message is held. */
  readonly isInside: boolean;
}

/** An assembler that takes messages of up to so many bytes. */
export function createMessageAssembler(limit: number): MessageAssembler {
  let pieces: Buffer[] = [];
  let held = 0;
  /** Bytes from the beginning of the next message on without which nothing more can be said. */
  let needed = PREFIX;

  return {
    get isInside() {
      return held > 0;
    },
    take(chunk, onMessage) {
      held += chunk.length;
      if (held < needed) return void pieces.push(chunk);
      const bytes = pieces.length === 0 ? chunk : Buffer.concat([...pieces, chunk]);
      let at = 0;
      needed = PREFIX;
      while (bytes.length - at >= PREFIX) {
        const length = bytes.readUInt32BE(at + 1);
        if (bytes[at] !== 0) throw new CallError(status.UNIMPLEMENTED, 'Compressed messages are not supported.');
        if (length > limit)
          throw new CallError(status.RESOURCE_EXHAUSTED, `A message of ${length} bytes is larger than the limit of ${limit}.`);
        if (bytes.length - at < PREFIX + length) {
          needed = PREFIX + length;
          break;
        }
        onMessage(bytes.subarray(at + PREFIX, at + PREFIX + length));
        at += PREFIX + length;
      }
      held = bytes.length - at;
      pieces = held === 0 ? [] : [bytes.subarray(at)];
    },
  };
}
