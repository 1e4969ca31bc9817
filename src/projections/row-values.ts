// Values on their way into a row.

/** A document as JSON text; SQL's null for null, not JSON's. */
export const jsonOrNull = (document: unknown): string | null => (document === null ? null : JSON.stringify(document));

/** The number in a position token of our own making. */
export const bare = (token: string): string => token.slice(token.indexOf(':') + 1);
