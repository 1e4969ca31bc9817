// Answers a request once under its Idempotency-Key: the key's row is committed before the request does anything, the request runs under
// the ids of the row, and its answer is stored before it is sent. So whatever dies in between, a retry is the same command again.

import { hash } from 'node:crypto';
import type { Answer, Rendered } from './answer.js';
import { type CommandIds, commandIds } from './command-ids.js';
import type { Claim, IdempotencyKeys, KeyedRequest } from './idempotency-keys.js';
import type { InFlight } from './in-flight.js';
import type { Log } from './log.js';
import { Problem } from './problem.js';
import { renderAnswer, renderProblem } from './sending.js';

/** Answers a request under its key: as it was answered before, or by doing the work. @throws Problem, Unavailable, OutcomeUnknown */
export type AnswerOnce = (
  request: Omit<KeyedRequest, 'logId'>,
  work: (ids: CommandIds) => Promise<Answer>,
) => Promise<Answer | Rendered>;

interface Dependencies {
  readonly keys: IdempotencyKeys;
  readonly logId: string;
  /** To claim a key takes room among the commands, so that a crowd does not queue before the database. */
  readonly room: InFlight;
  readonly log: Log;
}

/** The members of objects by name: two texts that say the same have the same form. */
const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/**
 * What makes a request the same one. A body counts for what it says: neither the order of its members nor its spacing matters. A
 * precondition counts too: with another one it is another request.
 */
export const requestHash = (method: string, path: string, body: unknown, condition?: string): Uint8Array =>
  hash('sha256', JSON.stringify([method, path, body, ...(condition === undefined ? [] : [condition])], inOrder), 'buffer');

const notKept: readonly number[] = [400, 401, 403, 429];

/**
 * Whether a problem is the command's own answer. The others say nothing of the command, and a retry may fare better: the request was not
 * fit to become one, or nobody knows what became of it.
 */
const isKept = ({ status, code }: Problem): boolean => status < 500 && !notKept.includes(status) && code !== 'validation-failed';

/** Long enough for most of what may be under way. */
const retryAfter = '1';

const inUse = (detail: string): Problem =>
  new Problem('idempotency-key-in-use', detail, { headers: { 'Retry-After': retryAfter } });

const replayed = (answer: Rendered): Rendered => ({ ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } });

/** Gives requests their answers under these keys. */
export function answeringOnce({ keys, logId, room, log }: Dependencies): AnswerOnce {
  const held = holdClaims(keys, log);

  /** What cannot be released lapses. */
  const release = (claim: Claim): Promise<void> =>
    keys.release(claim).catch((error: unknown) => log.warn({ err: error }, 'The claim of an idempotency key was left to lapse.'));

  async function run(claim: Claim, work: () => Promise<Answer>): Promise<Rendered> {
    let answer: Rendered;
    let kept = false;
    try {
      answer = await work().then(renderAnswer, (error: unknown) => {
        if (error instanceof Problem && isKept(error)) return renderProblem(error, claim.runId);
        throw error;
      });
      kept = await keys.store(claim, answer);
    } catch (error) {
      await release(claim);
      throw error;
    }
    // What another run will answer is not known, and the two must not differ.
    if (!kept) throw inUse('This request took so long that another one with its Idempotency-Key has taken over.');
    return answer;
  }

  return async (request, work) => {
    const result = await room.run(() => keys.claim({ ...request, logId }));
    switch (result.outcome) {
      case 'answered':
        return replayed(result.answer);
      case 'reused':
        throw new Problem(
          'idempotency-key-reused',
          'Another request was sent with this Idempotency-Key: a new one needs a new key.',
        );
      case 'in-use':
        throw inUse('A request with this Idempotency-Key is under way: try again to get its answer.');
      case 'claimed': {
        const { principal, key, runId } = request;
        const claim = { principal, key, runId };
        const letGo = held(claim);
        try {
          return await run(claim, () => work(commandIds(result.commandId, runId)));
        } finally {
          letGo();
        }
      }
    }
  };
}

/** Renews the claims of all requests that run for long, in one statement however many they are. */
function holdClaims(keys: IdempotencyKeys, log: Log): (claim: Claim) => () => void {
  const claims = new Set<Claim>();
  let timer: NodeJS.Timeout | undefined;
  let renewing = false;

  async function renew(): Promise<void> {
    if (renewing) return;
    renewing = true;
    try {
      await keys.renew([...claims]);
    } catch (error) {
      log.warn({ err: error }, 'The claims of idempotency keys could not be renewed.');
    } finally {
      renewing = false;
    }
  }

  return (claim) => {
    claims.add(claim);
    timer ??= setInterval(() => void renew(), keys.claimMs / 3);
    return () => {
      claims.delete(claim);
      if (claims.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}
