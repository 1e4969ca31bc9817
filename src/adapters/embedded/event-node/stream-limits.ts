// What a stream keeps, as its metadata stream `$$name` says: `$maxCount`, `$maxAge` (seconds) and `$tb` (truncate before). The limits
// apply to reads of the stream; `$all` shows the events all the same.

export interface StreamLimits {
  readonly maxCount: number | undefined;
  readonly maxAgeSeconds: number | undefined;
  /** The first revision that is kept. Infinity: the stream was deleted, and can come back. */
  readonly truncateBefore: number | undefined;
}

export const METADATA_PREFIX = '$$';
/** 2^63 - 1 is what a soft delete writes; no double holds it, and JSON.parse gives its neighbour 2^63. */
const DELETED = 2 ** 63;
/** A metadata stream keeps one event and has no metadata of its own. */
export const metadataStreamLimits: StreamLimits = { maxCount: 1, maxAgeSeconds: undefined, truncateBefore: undefined };

/** The stream that a metadata stream describes; `undefined` for any other stream. */
export function describedBy(stream: string): string | undefined {
  return stream.startsWith(METADATA_PREFIX) ? stream.slice(METADATA_PREFIX.length) : undefined;
}

export const metadataStreamOf = (stream: string): string => METADATA_PREFIX + stream;

/** What a soft delete leaves as the stream's metadata. */
export const SOFT_DELETION: Buffer = Buffer.from('{"$tb":9223372036854775807}');

/** A metadata event's data as an object; `undefined` if it is none. */
export function parseMetadata(data: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The same metadata, but it truncates before this revision. */
export const withTruncateBefore = (data: Buffer, revision: number): Buffer =>
  Buffer.from(JSON.stringify({ ...parseMetadata(data), $tb: revision }));

/** Reads a metadata event's data. What is not a JSON object, or a limit that is not a number, limits nothing. */
export function parseLimits(data: Buffer): StreamLimits | undefined {
  const value = parseMetadata(data);
  if (value === undefined) return undefined;
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
