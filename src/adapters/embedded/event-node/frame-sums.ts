// Checks the sums of many frames in one pass over their bytes. A call of crc32 for each frame costs as much again as the bytes of a small
// one; but a CRC is linear: the CRC of frames that lie one behind the other follows from those of the pieces. So it is computed once over
// all of them, and compared with what it has to be if each frame's sum is right. Where one is wrong these two differ, but for one case in
// 2^32, as it is with a frame for itself; which one it is, the caller finds out.

import { crc32 } from 'node:zlib';
import { type FrameHeader, wordAt } from './frame.js';

/** CRC-32 as a polynomial, its bits reversed as everywhere here: the highest bit stands for 1, and a shift to the right multiplies by x. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
/** What stands before the part of a frame that its sum covers: its length, and the sum. */
const UNCOVERED = 8;

/** Whether all of these frames, which begin here and lie one behind the other, are what was written. */
export function areIntact(bytes: Buffer, from: number, frames: readonly FrameHeader[]): boolean {
  let sum = 0;
  let at = from;
  for (const { length } of frames) {
    sum = shifted(crcOf8(bytes, at, sum), length - UNCOVERED) ^ wordAt(bytes, at + 4);
    at += length;
  }
  return at <= bytes.length && crc32(bytes.subarray(from, at)) === sum >>> 0;
}

/** This polynomial times x, so many times. */
function timesX(polynomial: number, times: number): number {
  let product = polynomial;
  for (let i = 0; i < times; i++) product = (product >>> 1) ^ (POLYNOMIAL & -(product & 1));
  return product;
}

const byteTable = Int32Array.from({ length: 256 }, (_, byte) => timesX(byte, 8));
const nibbleTable = Int32Array.from({ length: 16 }, (_, nibble) => timesX(nibble, 4));

/** The CRC of what `sum` is of and the eight bytes at this offset. */
function crcOf8(bytes: Buffer, offset: number, sum: number): number {
  let crc = ~sum;
  for (let at = offset; at < offset + UNCOVERED; at++) crc = (crc >>> 8) ^ (byteTable[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc;
}

/**
 * So many bytes behind it multiply what a CRC counts in the whole by a power of x. For lengths below 4096, and for multiples of that, the
 * power is here as its products with all polynomials of four bits, so that to multiply by it takes eight steps.
 */
const SHIFT_BITS = 12;
const SHIFTS = 1 << SHIFT_BITS;
const shortShifts = new Int32Array(16 * SHIFTS);
const longShifts = new Int32Array(16 * SHIFTS);
let power = ONE;
for (let n = 0; n < SHIFTS; n++, power = timesX(power, 8)) setProducts(shortShifts, n, power);
setProducts(longShifts, 0, ONE);
for (let n = 1; n < SHIFTS; n++, power = times(longShifts, 1, power)) setProducts(longShifts, n, power);

function setProducts(shifts: Int32Array, n: number, polynomial: number): void {
  for (let nibble = 1; nibble < 16; nibble++) {
    const bit = 31 - Math.clz32(nibble);
    shifts[16 * n + nibble] = (shifts[16 * n + nibble - (1 << bit)] ?? 0) ^ timesX(polynomial, 3 - bit);
  }
}

/** What this CRC counts in that of what it is of and so many bytes behind it, fewer than 16 MiB. */
function shifted(sum: number, bytes: number): number {
  const short = times(shortShifts, bytes & (SHIFTS - 1), sum);
  return bytes < SHIFTS ? short : times(longShifts, bytes >>> SHIFT_BITS, short);
}

function times(shifts: Int32Array, n: number, polynomial: number): number {
  let product = shifts[16 * n + (polynomial & 15)] ?? 0;
  for (let bits = 4; bits < 32; bits += 4)
    product = (product >>> 4) ^ (nibbleTable[product & 15] ?? 0) ^ (shifts[16 * n + ((polynomial >>> bits) & 15)] ?? 0);
  return product;
}
