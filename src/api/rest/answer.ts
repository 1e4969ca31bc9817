// What is sent back: as a route makes it, and as it goes out.

/** What is sent back; a body of `undefined` is none. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** An answer or a problem as it goes out, so that it can be kept and go out again: its own headers, and its text if it has one. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}
