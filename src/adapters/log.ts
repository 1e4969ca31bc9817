// Where the adapters write what an operator may want to know: the part of a pino logger that they use, and nothing of pino.

type Write = (fields: object, message: string) => void;

/** A pino logger fits. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const nothing: Write = () => {};

/** For who did not ask to be told. */
export const silent: Log = { info: nothing, warn: nothing, error: nothing };
