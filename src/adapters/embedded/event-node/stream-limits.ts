// What a stream keeps, as its metadata stream `$$name` says: `$maxCount`, `$maxAge` (seconds) and `$tb` (truncate before). The limits
// apply to reads of the stream; `$all` shows the events all the same.

export interface StreamLimits {
  readonly maxCount: number | undefined;
  readonly maxAgeSeconds: number | undefined;
  /** The first revision that is kept. Infinity: the stream was deleted, and can come back. */
  readonly truncateBefore: number | undefined;
}

const METADATA_PREFIX = '$$';
/** 2^63 - 1 is what a soft delete writes; no double holds it, and JSON.parse gives its neighbour 2^63. */
const DELETED = 2 ** 63;
/** A metadata stream keeps one event and has no metadata of its own. */
export const metadataStreamLimits: StreamLimits = { maxCount: 1, maxAgeSeconds: undefined, truncateBefore: undefined };

/** The stream that a metadata stream describes; `undefined` for any other stream. */
export function describedBy(stream: string): string | undefined {
  return stream.startsWith(METADATA_PREFIX) ? stream.slice(METADATA_PREFIX.length) : undefined;
}

export const metadataStreamOf = (stream: string): string => METADATA_PREFIX + stream;

/** Reads a metadata event's data. What is not a JSON object, or a limit that is not a number, limits nothing. */
export function parseLimits(data: Buffer): StreamLimits | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const limit = (key: string): number | undefined => {
    const found: unknown = Reflect.get(value, key);
    return typeof found === 'number' && found >= 0 ? found : undefined;
  };
  const truncateBefore = limit('$tb');
  return {
    maxCount: limit('$maxCount'),
    maxAgeSeconds: limit('$maxAge'),
    truncateBefore: truncateBefore !== undefined && truncateBefore >= DELETED ? Number.POSITIVE_INFINITY : truncateBefore,
  };
}

export const isSoftDeleted = (limits: StreamLimits | undefined): boolean => limits?.truncateBefore === Number.POSITIVE_INFINITY;
