// Carries a payment's requests to the gateway and records what it said. Calls for one payment go one at a time; parameters and keys
// come from stored events alone, so that a repeat is the same request.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { type Payment, type PaymentCommand, payment } from '../../domain/payment/payment.js';
import type { CommandHandler } from '../command-handler.js';
import { GatewayRefused, type IntentSnapshot, type PaymentGateway } from '../payment-gateway.js';
import { dispatchOrRaise } from './dispatch.js';
import type { Reactor } from './reactor.js';

/** What to do about one event of a payment; `attempt` above 1 says that an earlier one may have reached the gateway. */
type Errand = (payment: Payment, intentId: string | null, attempt: number) => Promise<PaymentCommand | null>;

/** The reactor that asks the gateway for what a payment's events request. */
export function gatewayWorker(handler: CommandHandler, gateway: PaymentGateway): Reactor {
  return (recorded) => {
    const errand = errandFor(recorded, gateway);
    if (errand === null) return [];
    const paymentId = recorded.stream.slice(`${payment.category}-`.length);
    const run = async (attempt: number) => {
      const { state } = await handler.load(payment, paymentId, recorded.revision);
      const answer = await errand(state, state.intentId, attempt);
      if (answer !== null) await dispatchOrRaise(handler, recorded, payment, paymentId, answer);
    };
    return [{ lane: `gateway-${paymentId}`, what: `gateway call after ${recorded.event.type}`, run }];
  };
}

function errandFor({ event, metadata }: Recorded<DomainEvent>, gateway: PaymentGateway): Errand | null {
  const orderId = metadata.$correlationId;
  switch (event.type) {
    case 'PaymentRequested':
      return async ({ status }, known) => {
        if (status !== 'REQUESTED' || known !== null) return null;
        const { paymentId, attempt, amount, currency, method } = event.data;
        const request = { paymentId, orderId, amount, currency, method, idempotencyKey: `${paymentId}:create:${attempt}` };
        return failureIfRefused(async () => {
          const { intentId } = await gateway.create(request);
          return { type: 'RecordGatewayPayment', gateway: gateway.name, intentId };
        });
      };
    case 'GatewayPaymentCreated':
      return async ({ status, request }, intentId, attempt) => {
        if (status !== 'CREATED' || request === null || intentId === null) return null;
        return failureIfRefused(async () => {
          // Under its key the first answer would come again, though the bank has answered since.
          const found = attempt > 1 ? await gateway.retrieve(intentId) : null;
          if (found !== null && found.state !== 'created') return confirmed(found);
          return confirmed(await gateway.confirm({ intentId, idempotencyKey: `${request.paymentId}:confirm:1` }));
        });
      };
    case 'PaymentCaptureRequested':
      return async ({ status, request, captureAttempts }, intentId) => {
        const { amount, attempt } = event.data;
        if (status !== 'CAPTURING' || captureAttempts !== attempt || request === null || intentId === null) return null;
        const idempotencyKey = `${request.paymentId}:capture:${attempt}`;
        const snapshot = await gateway.capture({ intentId, amount, currency: request.currency, idempotencyKey });
        if (snapshot.state === 'captured') return { type: 'RecordCapture', amount: snapshot.amountCaptured };
        return {
          type: 'RecordCaptureFailure',
          ...(snapshot.failure ?? { code: snapshot.state, message: `The intent is ${snapshot.state}.` }),
        };
      };
    case 'PaymentVoidRequested':
      return async ({ status, request }, intentId) => {
        if (status !== 'VOIDING' || request === null) return null;
        const { paymentId, attempt, currency, amount, method } = { ...request };
        const idempotencyKey = `${paymentId}:create:${attempt}`;
        const intent =
          intentId ?? (await gateway.create({ paymentId, orderId, amount, currency, method, idempotencyKey })).intentId;
        return voided(await gateway.cancel({ intentId: intent, idempotencyKey: `${paymentId}:void:${event.data.attempt}` }));
      };
    case 'PaymentFailed':
      return async (_, intentId) => {
        // Declined is not closed: the gateway would let the intent be tried with another method.
        if (intentId !== null) await gateway.cancel({ intentId, idempotencyKey: `${intentId}:close` });
        return null;
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

function confirmed(snapshot: IntentSnapshot): PaymentCommand {
  switch (snapshot.state) {
    case 'authorized':
      return { type: 'RecordAuthorization', amount: snapshot.amount, captureBefore: snapshot.captureBefore };
    case 'failed':
    case 'voided':
      return {
        type: 'RecordPaymentFailure',
        ...(snapshot.failure ?? { code: snapshot.state, message: `The intent is ${snapshot.state}.` }),
      };
    default:
      throw new Unavailable(`Intent ${snapshot.intentId} is ${snapshot.state}: its outcome is not known yet.`);
  }
}

function voided(snapshot: IntentSnapshot): PaymentCommand {
  if (snapshot.state === 'voided') return { type: 'RecordVoid', expired: snapshot.expired };
  if (snapshot.state === 'captured') return { type: 'RecordCapture', amount: snapshot.amountCaptured };
  throw new Unavailable(`Intent ${snapshot.intentId} is ${snapshot.state} after it was cancelled.`);
}
