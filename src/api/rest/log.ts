// Where the API writes what an operator should know.

/** A pino logger fits. */
export interface Log {
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}
