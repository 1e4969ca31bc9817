// The status codes of gRPC, by name (https://grpc.github.io/grpc/core/md_doc_statuscodes.html): those that the node answers with.

export const status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type StatusCode = (typeof status)[keyof typeof status];

/** What ends a call without success: a status, a sentence, and trailers that say more, in ASCII. */
export class CallError extends Error {
  readonly code: StatusCode;
  readonly trailers: Readonly<Record<string, string>>;

  constructor(code: StatusCode, sentence: string, trailers: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.name = 'CallError';
    this.code = code;
    this.trailers = trailers;
  }
}

/** Whatever was thrown while a call was served. */
export const callErrorOf = (error: unknown): CallError =>
  error instanceof CallError ? error : new CallError(status.UNKNOWN, error instanceof Error ? error.message : String(error));

const percentEncoded = (run: string): string => encodeURIComponent(Buffer.from(run).toString('utf8'));

/** `grpc-message`: what a header cannot carry is percent-encoded, and so is the percent sign. */
export const messageText = (text: string): string => text.replace(/[^ -$&-~]+/gu, percentEncoded);

/** Any other trailer, which nobody decodes: it stays as it is wherever a header can carry it. */
export const trailerText = (text: string): string => text.replace(/[^ -~]+/gu, percentEncoded);
