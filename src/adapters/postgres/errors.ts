// Says what a failure of PostgreSQL means for who asked: it was not done, nobody knows, or it is broken. What is the caller's own fault
// or business (a syntax error, a unique violation) passes through unchanged.

import { Corrupt, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';

/** SQLSTATE classes after which the statement has had no effect, and the same may work later. Appendix A of the PostgreSQL manual. */
const passing = /^(08|53|57P|57014|58|40|25P03|55P03)/;
const damaged = /^XX00[12]/;

const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

/** What pg and its pool say without a code. */
const broken =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable|Connection ended|Query read timeout/i;

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** Whether the connection broke, rather than the server having answered. A server that shuts down may have done what was asked. */
function replyLost(error: Error): boolean {
  const code = codeOf(error);
  return network.has(code) || broken.test(error.message) || code.startsWith('08') || code.startsWith('57P');
}

/** `doing` completes the sentence "... failed": `Reading from PostgreSQL at 127.0.0.1:5432/panglot`. */
export function translate(error: unknown, doing: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (damaged.test(code)) return new Corrupt(`${doing} met damaged data: ${error.message}`, { cause: error });
  if (passing.test(code) || network.has(code) || broken.test(error.message))
    return new Unavailable(`${doing} failed: ${error.message || code}`, { cause: error });
  return error;
}

/** For a statement that may have changed something: if its reply was lost, nobody knows. */
export function translateWrite(error: unknown, doing: string): unknown {
  if (error instanceof Error && replyLost(error))
    return new OutcomeUnknown(`${doing} got no answer, and may have been done: ${error.message || codeOf(error)}`, {
      cause: error,
    });
  return translate(error, doing);
}
