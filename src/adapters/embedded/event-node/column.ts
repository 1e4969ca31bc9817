// A growable array of numbers outside the JavaScript heap. It grows by chunks, so that nothing is ever copied and no growth is felt.

type Numbers = Uint32Array | Uint16Array | Uint8Array;

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

/** A column of numbers that were set in ascending order of their index; one that was never set is 0. */
export class Column {
  readonly #chunks: Numbers[] = [];
  readonly #make: (length: number) => Numbers;

  private constructor(make: (length: number) => Numbers) {
    this.#make = make;
  }

  static ofUint32 = (): Column => new Column((length) => new Uint32Array(length));
  static ofUint16 = (): Column => new Column((length) => new Uint16Array(length));
  static ofUint8 = (): Column => new Column((length) => new Uint8Array(length));

  get(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? 0;
  }

  set(index: number, value: number): void {
    const chunk = this.#chunkFor(index);
    if (chunk !== undefined) chunk[index & (CHUNK - 1)] = value;
  }

  /** Sets the numbers from this index on. */
  setAll(from: number, values: Numbers): void {
    for (let at = 0; at < values.length; ) {
      const start = (from + at) & (CHUNK - 1);
      const piece = values.subarray(at, at + CHUNK - start);
      this.#chunkFor(from + at)?.set(piece, start);
      at += piece.length;
    }
  }

  /** Copies the numbers from this index on into all of `target`. */
  copyTo(target: Numbers, from: number): void {
    for (let at = 0; at < target.length; ) {
      const start = (from + at) & (CHUNK - 1);
      const piece = this.#chunks[(from + at) >>> CHUNK_BITS]?.subarray(start, start + target.length - at);
      if (piece !== undefined) target.set(piece, at);
      at += CHUNK - start;
    }
  }

  #chunkFor(index: number): Numbers | undefined {
    const at = index >>> CHUNK_BITS;
    while (this.#chunks.length <= at) this.#chunks.push(this.#make(CHUNK));
    return this.#chunks[at];
  }
}
