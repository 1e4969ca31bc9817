// What stands around a payment gateway: a bulkhead, a circuit breaker, and a few quick retries. What it leaves to others: patience
// (waiting from a second to a day is the process manager's) and the time that one request may take (10 s, the transport's).

import {
  BrokenCircuitError,
  bulkhead,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhen,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  retry,
  SamplingBreaker,
} from 'cockatiel';
import { AnswerKept, GatewayRefused, type PaymentGateway } from '../../commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';

export interface ResilienceOptions {
  /** How often a call is tried, the first time included. */
  readonly tries?: number;
  /** The longest wait before the second try, doubled before each further one. A random half of it may be missing. */
  readonly retryDelayMs?: number;
  /** A try that fails later than this after the first began is the last: one that timed out is not repeated here. */
  readonly retryWithinMs?: number;
  /** The breaker opens when more than this part of the latest calls had no answer ... */
  readonly failureRatio?: number;
  /** ... of those within this time ... */
  readonly sampleMs?: number;
  /** ... if they were at least so many. */
  readonly minimumCalls?: number;
  /** After this time an open breaker lets one call through, to see. */
  readonly halfOpenAfterMs?: number;
  /** Calls under way at once. No more than the transport has connections, so that nobody spends a request's time waiting for one. */
  readonly concurrentCalls?: number;
  /** Calls that wait for a place. Enough for all that a process manager has in hand. */
  readonly waitingCalls?: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface ResilientGateway extends PaymentGateway {
  /** How the breaker stands. `open` lasts until a call comes after the pause, and that call comes through. */
  state(): BreakerState;
  /** Closes the gateway behind it. */
  close(): void;
}

/** How many payments without an answer are remembered. */
const troubledLimit = 10_000;

const isTrouble = (error: unknown): boolean =>
  (error instanceof Unavailable || error instanceof OutcomeUnknown) && !(error instanceof AnswerKept);

/** Whether it says nothing of an earlier try under the same key: the request was not even looked at. */
const saysNothing = (error: unknown): error is Error =>
  error instanceof Unavailable || (error instanceof GatewayRefused && error.blame === 'credentials');

/**
 * The gateway, with the same contract. A call passes
 * - the bulkhead: so many at once, so many waiting; one more is `Unavailable`;
 * - the circuit breaker: while most calls go unanswered, none is attempted: `Unavailable`. Some payments that get no answer among many
 *   that do never open it: a call counts once however often it was tried, and a payment counts once however often it is called for;
 * - the retries: when it was not attempted or nobody knows, the same request goes out again under the same key, which is safe. This
 *   adds less than a second. If one try's outcome is unknown and a later one was not attempted, the call's outcome is unknown.
 */
export function resilientGateway(gateway: PaymentGateway & { close?(): void }, options: ResilienceOptions = {}): ResilientGateway {
  const { tries = 3, retryDelayMs = 100, retryWithinMs = 500 } = options;
  const { failureRatio = 0.5, sampleMs = 10_000, minimumCalls = 20, halfOpenAfterMs = 5_000 } = options;
  const { concurrentCalls = 64, waitingCalls = 2_000 } = options;

  const places = bulkhead(concurrentCalls, waitingCalls);
  const again = retry(handleWhen(isTrouble), {
    maxAttempts: tries - 1,
    backoff: new ExponentialBackoff({ initialDelay: retryDelayMs, generator: halfJitterGenerator }),
  });
  /** Errors that the breaker counts. */
  const counted = new WeakSet<Error>();
  const breaker = circuitBreaker(
    handleWhen((error) => counted.has(error)),
    {
      halfOpenAfter: halfOpenAfterMs,
      breaker: new SamplingBreaker({
        threshold: failureRatio,
        duration: sampleMs,
        minimumRps: (minimumCalls * 1000) / sampleMs,
      }),
    },
  );
  /** Payments whose last call had no answer, oldest first: called for again and again, they would outweigh all others. */
  const troubled = new Set<string>();

  function count(payment: string, error: Error): void {
    if (!troubled.has(payment) || breaker.state === CircuitState.HalfOpen) counted.add(error);
    troubled.add(payment);
    if (troubled.size <= troubledLimit) return;
    const [oldest = payment] = troubled;
    troubled.delete(oldest);
  }

  async function throughBreaker<T>(payment: string, ask: () => Promise<T>): Promise<T> {
    // By itself the policy lets all others wait for the one that tries a half-open circuit, which may take a request's whole time.
    if (breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    const outcome = await breaker.execute(async () => {
      try {
        const answer = await ask();
        troubled.delete(payment);
        return { answer };
      } catch (error) {
        if (error instanceof Error && isTrouble(error)) {
          count(payment, error);
          throw error;
        }
        // A refusal is an answer, too: the gateway is there.
        troubled.delete(payment);
        return { error };
      }
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  async function tried<T>(ask: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const late = new AbortController();
    const doubts: OutcomeUnknown[] = [];
    try {
      return await again.execute(async () => {
        try {
          return await ask();
        } catch (error) {
          if (error instanceof OutcomeUnknown) doubts.push(error);
          if (performance.now() - began > retryWithinMs) late.abort();
          throw error;
        }
      }, late.signal);
    } catch (error) {
      const [doubt] = doubts;
      if (doubt === undefined || !saysNothing(error)) throw error;
      throw new OutcomeUnknown(`${doubt.message} Asked again: ${error.message}`, { cause: error });
    }
  }

  async function call<T>(payment: string, doing: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await places.execute(() => throughBreaker(payment, () => tried(ask)));
    } catch (error) {
      if (isBrokenCircuitError(error)) {
        const message = `The payment gateway was not asked to ${doing}: it has left most of the latest calls without an answer.`;
        throw new Unavailable(message, { cause: error });
      }
      if (isBulkheadRejectedError(error)) {
        const message = `The payment gateway was not asked to ${doing}: ${concurrentCalls} calls are under way and ${waitingCalls} wait.`;
        throw new Unavailable(message, { cause: error });
      }
      throw error;
    }
  }

  return {
    name: gateway.name,
    create: (request) =>
      call(request.paymentId, `create an intent for payment ${request.paymentId}`, () => gateway.create(request)),
    confirm: (request) => call(request.intentId, `confirm ${request.intentId}`, () => gateway.confirm(request)),
    capture: (request) => call(request.intentId, `capture ${request.intentId}`, () => gateway.capture(request)),
    cancel: (request) => call(request.intentId, `cancel ${request.intentId}`, () => gateway.cancel(request)),
    retrieve: (intentId) => call(intentId, `retrieve ${intentId}`, () => gateway.retrieve(intentId)),
    refund: (request) => call(request.intentId, `refund ${request.intentId}`, () => gateway.refund(request)),
    findRefund: (lookup) =>
      call(lookup.intentId, `find refund ${lookup.refundId} of ${lookup.intentId}`, () => gateway.findRefund(lookup)),
    state: () =>
      breaker.state === CircuitState.Closed ? 'closed' : breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open',
    close: () => gateway.close?.(),
  };
}
