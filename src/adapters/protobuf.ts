// The protobuf wire format, as far as the hot messages need it: varints and length-delimited fields. Everything else goes through the
// client package's generated classes.

const TWO_POW_31 = 0x80000000;

/** Bytes that a non-negative integer up to 2^53 takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Bytes of a length-delimited field with a number below 16, around so many. */
export const fieldSize = (length: number): number => 1 + varintSize(length) + length;

/** Writes a non-negative integer up to 2^53 and returns the offset behind it. */
export function writeVarint(target: Buffer, value: number, offset: number): number {
  let at = offset;
  let rest = value;
  while (rest >= TWO_POW_31) {
    target[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    target[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Of so many bytes, a loop copies sooner than a call out of JavaScript. */
const FEW_BYTES = 48;

/** Copies the bytes to `target` and returns the offset behind them. */
export function writeChunk(target: Buffer, bytes: Buffer, offset: number): number {
  if (bytes.length > FEW_BYTES) target.set(bytes, offset);
  else for (let i = 0; i < bytes.length; i++) target[offset + i] = bytes[i] ?? 0;
  return offset + bytes.length;
}

/** A length-delimited field: a message, text or bytes. For what is not hot. */
export function field(tag: number, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const target = Buffer.allocUnsafe(1 + varintSize(bytes.length) + bytes.length);
  target[0] = tag;
  bytes.copy(target, writeVarint(target, bytes.length, 1));
  return target;
}

/** An entry of a map from text to text, as the message that it is. For what is not hot. */
export const mapEntry = (key: string, value: string): Buffer => Buffer.concat([field(0x0a, key), field(0x12, value)]);

/** A field that holds a number. */
export function number(tag: number, value: number): Buffer {
  const target = Buffer.allocUnsafe(1 + varintSize(value));
  target[0] = tag;
  writeVarint(target, value, 1);
  return target;
}

export const VARINT = 0;
export const BYTES = 2;

/** Walks over one message. Throws a RangeError where the bytes are not a message. */
export class WireReader {
  readonly bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get more(): boolean {
    return this.#at < this.#end;
  }

  /** An unsigned integer, or a field's tag; beyond 2^53 it loses precision. */
  uint(): number {
    let byte = this.#byte();
    let value = byte & 127;
    for (let factor = 128; byte >= 128; factor *= 128) {
      byte = this.#byte();
      value += (byte & 127) * factor;
    }
    return value;
  }

  /** An integer of 64 bits, exactly. */
  uint64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  }

  /** The bytes of a length-delimited field; a view, not a copy. */
  chunk(): Buffer {
    const from = this.#advance(this.uint());
    return this.bytes.subarray(from, this.#at);
  }

  text(): string {
    const from = this.#advance(this.uint());
    return this.bytes.toString('utf8', from, this.#at);
  }

  /** A reader over an embedded message. */
  message(): WireReader {
    const from = this.#advance(this.uint());
    return new WireReader(this.bytes, from, this.#at);
  }

  /** Goes into an embedded message, and returns where it ends: a walk without a reader of its own. */
  enter(): number {
    const length = this.uint();
    if (this.#at + length > this.#end) throw new RangeError('The message ends in the middle of a field.');
    return this.#at + length;
  }

  /** Whether there is more of the embedded message that ends there. */
  before(end: number): boolean {
    if (this.#at > end) throw new RangeError('A field reaches beyond the message that it is in.');
    return this.#at < end;
  }

  /** Passes over a field of which only the tag has been read. */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === VARINT) while (this.#byte() >= 128);
    else if (wireType === BYTES) this.#advance(this.uint());
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 5) this.#advance(4);
    else throw new RangeError(`Wire type ${wireType} does not exist.`);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('The message ends in the middle of a number.');
    return this.bytes[this.#at++] ?? 0;
  }

  #advance(length: number): number {
    const from = this.#at;
    if (from + length > this.#end) throw new RangeError('The message ends in the middle of a field.');
    this.#at = from + length;
    return from;
  }
}
