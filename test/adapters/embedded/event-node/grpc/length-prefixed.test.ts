import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMessageAssembler,
  prefixed,
  prefixedSize,
} from '../../../../../src/adapters/embedded/event-node/grpc/length-prefixed.js';
import { CallError, status } from '../../../../../src/adapters/embedded/event-node/grpc/status.js';

const LIMIT = 1000;

const encode = (messages: readonly Uint8Array[]): Buffer =>
  prefixed(
    messages,
    messages.reduce((sum, message) => sum + prefixedSize(message), 0),
  );

describe('messages on the wire', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.array(fc.nat({ max: 30 }), { maxLength: 60 }),
        (messages, cuts) => {
          const bytes = encode(messages);
          const assembler = createMessageAssembler(LIMIT);
          const received: Buffer[] = [];
          let at = 0;
          for (const length of [...cuts, bytes.length]) {
            const chunk = bytes.subarray(at, at + length);
            at += chunk.length;
            assembler.take(chunk, (message) => received.push(Buffer.from(message)));
          }
          expect(received).toEqual(messages.map((message) => Buffer.from(message)));
          expect(assembler.isInside).toBe(false);
        },
      ),
    );
  });

  it('are known to be unfinished', () => {
    const assembler = createMessageAssembler(LIMIT);
    assembler.take(encode([Buffer.from('whole'), Buffer.from('cut')]).subarray(0, -1), () => undefined);
    expect(assembler.isInside).toBe(true);
  });

  it.each([
    ['larger than the limit', Buffer.from([0, 0, 0, 3, 0xe9]), status.RESOURCE_EXHAUSTED],
    ['compressed', Buffer.from([1, 0, 0, 0, 1, 7]), status.UNIMPLEMENTED],
  ])('are refused when they are %s, before they have come', (_what, bytes, code) => {
    const assembler = createMessageAssembler(LIMIT);
    const take = (): void => assembler.take(bytes, () => expect.unreachable());
    expect(take).toThrow(CallError);
    expect(take).toThrow(expect.objectContaining({ code }));
  });
});
