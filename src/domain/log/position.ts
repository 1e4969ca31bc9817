// Position tokens: how a place in the log is named to the outside. `{logId}:{n}`, so that a token of another log is recognised.

/** A place in one particular log. */
export interface Position {
  readonly logId: string;
  readonly commit: bigint;
}

const token = /^([a-z0-9]{4,16}):(\d{1,19})$/;
const largest = 2n ** 63n - 1n;

/** Writes a position as the opaque token that callers see. */
export const formatPosition = (logId: string, commit: bigint): string => `${logId}:${commit}`;

/** Reads a token; `null` if it is not one. Whether the log is ours, and the place not in the future, is the caller's question. */
export function parsePosition(text: string): Position | null {
  const match = token.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const commit = BigInt(match[2]);
  return commit > largest ? null : { logId: match[1], commit };
}
