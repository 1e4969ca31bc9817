// What the journal is written to: segments in a folder, or nothing at all (a node in memory keeps its tail instead).

/** Contiguous bytes of the log, whole frames. */
export interface Chunk {
  /** Position of the first byte of the segment they belong to; a new value starts a new segment. */
  readonly segment: number;
  readonly position: number;
  readonly bytes: Buffer;
}

export interface Medium {
  /** Whether what was written can be read back; if not, the journal must keep it. */
  readonly readsBack: boolean;
  /** Resolves when all of it is durable; `isAlone`: one writer waits for it, and no other is known of. After a rejection nobody knows what is, and nothing more may be written. */
  write(chunks: readonly Chunk[], isAlone: boolean): Promise<void>;
  /** Bytes that are durable, across segments if need be; zeros where a scavenge has removed something. */
  read(position: number, length: number): Promise<Buffer>;
  /** The position up to which, from this one on, nothing has been removed. */
  wholeUntil(position: number): number;
  close(): Promise<void>;
}

/** Promises nothing beyond the life of the process. */
export const memoryMedium: Medium = {
  readsBack: false,
  write: () => Promise.resolve(),
  read: () => Promise.reject(new Error('A node in memory has nothing to read back.')),
  wholeUntil: () => Number.POSITIVE_INFINITY,
  close: () => Promise.resolve(),
};
