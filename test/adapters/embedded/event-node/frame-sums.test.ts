// The sums of many frames, checked at once: right exactly where each of them is right.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_HEADER, type FrameHeader, isIntact, sealFrame } from '../../../../src/adapters/embedded/event-node/frame.js';
import { areIntact } from '../../../../src/adapters/embedded/event-node/frame-sums.js';

const bodies = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 0, max: 20_000 }).map((n) => new Uint8Array(n).fill(7)),
  ),
  {
    maxLength: 12,
  },
);

/** Frames one behind the other, behind some bytes that are none. */
function framesOf(contents: readonly Uint8Array[], before: number): { readonly bytes: Buffer; readonly frames: FrameHeader[] } {
  const pieces: Buffer[] = [Buffer.alloc(before, 1)];
  const frames: FrameHeader[] = [];
  for (const [i, content] of contents.entries()) {
    const length = FRAME_HEADER + content.length;
    const header = { length, position: i * 1000, durable: 0, revision: i, events: 1, nameLength: 0, kind: 0 };
    const frame = Buffer.concat([Buffer.alloc(FRAME_HEADER), content]);
    sealFrame(frame, header, Buffer.alloc(0));
    pieces.push(frame);
    frames.push(header);
  }
  return { bytes: Buffer.concat(pieces), frames };
}

describe('the sums of frames that lie one behind the other', () => {
  it('are right where nothing is damaged', () => {
    fc.assert(
      fc.property(bodies, fc.nat(20), (contents, before) => {
        const { bytes, frames } = framesOf(contents, before);
        expect(areIntact(bytes, before, frames)).toBe(true);
      }),
    );
  });

  it('are wrong wherever one of them is wrong', () => {
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        (contents, damage) => {
          fc.pre(contents.length > 0);
          const { bytes, frames } = framesOf(contents, 3);
          for (const [where, change] of damage) {
            const at = 3 + (where % (bytes.length - 3));
            bytes[at] = (bytes[at] ?? 0) ^ change;
          }
          let at = 3;
          const each = frames.map(({ length }) => {
            at += length;
            return isIntact(bytes, at - length, length);
          });
          expect(areIntact(bytes, 3, frames)).toBe(each.every(Boolean));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are right for frames of any length', () => {
    for (const length of [0, 4095 - 32, 4096 - 32, 4097 - 32, 65_536, 5_000_000]) {
      const { bytes, frames } = framesOf([new Uint8Array(length).fill(3), new Uint8Array(5)], 0);
      expect(areIntact(bytes, 0, frames)).toBe(true);
      bytes[FRAME_HEADER - 1 + (length >> 1)] = 9;
      expect(areIntact(bytes, 0, frames)).toBe(false);
    }
  });
});
