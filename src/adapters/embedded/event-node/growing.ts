// Numbers and bytes that are gathered until they are taken, in memory that is used again.

/** Numbers of 32 bits. */
export class Words {
  #words = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const wider = new Uint32Array(this.#words.length * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words[this.#length++] = word;
  }

  /** A copy of all of them; then there are none. */
  take(): Uint32Array<ArrayBuffer> {
    const taken = this.#words.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

/** Bytes, a few at a time. */
export class Bytes {
  #bytes = new Uint8Array(1024);
  #length = 0;

  push(from: Uint8Array, start: number, end: number): void {
    while (this.#length + end - start > this.#bytes.length) {
      const wider = new Uint8Array(this.#bytes.length * 2);
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    const bytes = this.#bytes;
    let at = this.#length;
    // A call out of JavaScript costs more than the copy of a few.
    for (let i = start; i < end; i++) bytes[at++] = from[i] ?? 0;
    this.#length = at;
  }

  /** A copy of all of them; then there are none. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
