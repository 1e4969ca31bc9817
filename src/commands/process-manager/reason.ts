// Why something did not succeed, in words that can be written down.

/** The error's own sentence. A database stores no text that holds a NUL, and an error may say whatever a server sent. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll('\0', '\u{fffd}');
