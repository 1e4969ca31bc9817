// Carries a payment's requests to the gateway and records what it said. Calls for one payment go one at a time; parameters and keys
// come from stored events alone, so that a repeat is the same request.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { type Payment, type PaymentCommand, payment } from '../../domain/payment/payment.js';
import type { CommandHandler } from '../command-handler.js';
import { GatewayRefused, type PaymentGateway } from '../payment-gateway.js';
import { dispatchOrRaise, raiseAttention } from './dispatch.js';
import { refunded, unlessHeld } from './gateway-answers.js';
import { carryOut, type GatewayCall } from './gateway-call.js';
import { cancelling, capturing, confirming, creating, refunding } from './gateway-calls.js';
import { Pending, type Reaction, type Reactor } from './reactor.js';

export interface GatewayWorker {
  /** Asks the gateway for what a payment's events request. */
  readonly react: Reactor;
  /** Looks at what has become of an authorisation whose time is over, and records it: it expired at the gateway, never by our clock. */
  readonly lookUp: (paymentId: string, recorded: Recorded<DomainEvent>) => Reaction;
}

/** What to do about a payment as it stands now; `null` if nothing is to be recorded. */
type Errand = (payment: Payment, attempt: number) => Promise<PaymentCommand | null>;

/** `now` is in milliseconds since 1970; it only tells the age of a key. */
export function gatewayWorker(handler: CommandHandler, gateway: PaymentGateway, now: () => number = Date.now): GatewayWorker {
  function reaction(recorded: Recorded<DomainEvent>, paymentId: string, lane: string, what: string, errand: Errand): Reaction {
    const run = async (attempt: number) => {
      const known = attempt > 1 || !recorded.stream.startsWith('payment-') ? 'head' : recorded.revision;
      const { state } = await handler.load(payment, paymentId, known);
      try {
        const answer = await errand(state, attempt);
        if (answer !== null) await dispatchOrRaise(handler, recorded, payment, paymentId, answer, { as: nameOf(answer) });
      } catch (error) {
        if (!(error instanceof GatewayRefused)) throw error;
        // Somebody has to mend our credentials, and no order is to blame.
        if (error.blame === 'credentials') throw new Unavailable(error.message, { cause: error });
        // Final, and none of the errands knows what it means: a person has to look, and nobody else waits for that.
        const detail = `After ${recorded.event.type} of payment ${paymentId}: ${error.message}`;
        await raiseAttention(handler, recorded, `gateway-${error.code}`, detail);
      }
    };
    return { lane, what, run };
  }

  return {
    react: (recorded) => {
      const { event, stream } = recorded;
      const errand = errandFor(recorded, gateway, now);
      if (errand === null) return [];
      const paymentId = stream.slice(`${payment.category}-`.length);
      // A refund may be under way for days: nothing waits behind it.
      const lane = event.type === 'RefundAccepted' ? `gateway-${paymentId}/${event.data.refundId}` : `gateway-${paymentId}`;
      return [reaction(recorded, paymentId, lane, `gateway call after ${event.type}`, errand)];
    },
    lookUp: (paymentId, recorded) =>
      reaction(recorded, paymentId, `gateway-${paymentId}`, 'authorization-expired', async ({ status, intentId }) => {
        if (status !== 'AUTHORIZED' || intentId === null) return null;
        return unlessHeld(await gateway.retrieve(intentId));
      }),
  };
}

/** Two outcomes of one event's errand, tried again, may become commands of one type. */
const nameOf = (command: PaymentCommand): string =>
  command.type === 'RenewAttempt' ? `${command.type} ${command.operation.of} ${command.failed}` : command.type;

function errandFor({ event, at }: Recorded<DomainEvent>, gateway: PaymentGateway, now: () => number): Errand | null {
  const since = Date.parse(at);
  const carry = <Answer>(call: GatewayCall<Answer>, attempt: number) => carryOut(call, attempt > 1, now());
  // The age of a key is told by the event that wrote its attempt down, so each attempt is that event's errand alone.
  const voidAttempt = event.type === 'PaymentVoidRequested' ? event.data.attempt : 1;
  const voiding: Errand = async (state, attempt) => {
    if (state.status !== 'VOIDING' || state.voidAttempts !== voidAttempt) return null;
    // An intent that was never recorded was never confirmed: it holds nothing.
    if (state.intentId === null) return { type: 'RecordVoid', expired: false };
    return carry(cancelling(gateway, state, since), attempt);
  };
  switch (event.type) {
    case 'PaymentRequested':
      return async (state, attempt) => {
        if (state.request?.attempt !== event.data.attempt) return null;
        // The attempt that made the intent is over with it: the confirmation follows the intent's own event.
        if (state.status === 'CREATED' && state.intentAttempt === event.data.attempt) return null;
        if (state.status === 'CREATED') return failureIfRefused(() => carry(confirming(gateway, state, since), attempt));
        // In a payment that is being voided, an intent that may have been made is found under its key, and cancelled.
        const mayBeMade = state.status === 'VOIDING' && state.intentId === null && attempt > 1;
        if (state.status !== 'REQUESTED' && !mayBeMade) return null;
        return failureIfRefused(() => carry(creating(gateway, state, since), attempt));
      };
    case 'GatewayPaymentCreated':
      return async (state, attempt) => {
        if (state.status !== 'CREATED') return voiding(state, attempt);
        if (state.request?.attempt !== state.intentAttempt) return null;
        return failureIfRefused(() => carry(confirming(gateway, state, since), attempt));
      };
    case 'PaymentCaptureRequested':
      return async (state, attempt) => {
        if (state.status !== 'CAPTURING' || state.captureAttempts !== event.data.attempt) return null;
        return carry(capturing(gateway, state, event.data.amount, since), attempt);
      };
    // A void that came first, or that a capture's end has made room for; and what was authorised too late.
    case 'PaymentVoidRequested':
    case 'PaymentCaptureFailed':
    case 'PaymentAuthorized':
      return voiding;
    case 'PaymentFailed':
      return async ({ intentId }, attempt) => {
        // Declined is not closed: the gateway would let the intent be tried with another method. To close it twice is to close it once,
        // so each try has a key of its own, and an error that the gateway keeps under one of them ends with it.
        if (intentId !== null) await gateway.cancel({ intentId, idempotencyKey: `${intentId}:close:${attempt}` });
        return null;
      };
    case 'RefundRequested': {
      const { refundId, amount, attempt: number } = event.data;
      return async (state, attempt) => {
        const refund = state.refunds.get(refundId);
        if (refund?.state !== 'REQUESTED' || refund.attempt !== number) return null;
        return carry(refunding(gateway, state, { refundId, amount, attempt: number }, since), attempt);
      };
    }
    case 'RefundAccepted':
      return async ({ refunds, intentId }) => {
        const { refundId } = event.data;
        if (refunds.get(refundId)?.state !== 'ACCEPTED' || intentId === null) return null;
        const found = await gateway.findRefund({ intentId, refundId });
        if (found === null || found.state === 'pending') throw new Pending(`Refund ${refundId} is on its way.`);
        return refunded(found);
      };
    default:
      return null;
  }
}

/** A request that the gateway will never accept is a payment that failed, not one to be tried for ever. */
async function failureIfRefused(ask: () => Promise<PaymentCommand>): Promise<PaymentCommand> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GatewayRefused) || error.blame !== 'request') throw error;
    return { type: 'RecordPaymentFailure', code: error.code, message: error.message };
  }
}
