// The calls that live as long as their client likes, so that the node can end them when it closes.

export interface OpenCalls {
  /** Registers how the call is ended; returns what to call when it has ended by itself. */
  enter(end: () => void): () => void;
  /** Ends all of them. Those that come later are ended at once. */
  endAll(): void;
}

/** No calls yet. */
export function createOpenCalls(): OpenCalls {
  const ends = new Set<() => void>();
  let closing = false;
  return {
    enter(end) {
      if (closing) setImmediate(end);
      else ends.add(end);
      return () => void ends.delete(end);
    },
    endAll() {
      closing = true;
      for (const end of [...ends]) end();
      ends.clear();
    },
  };
}
